package emnist.diffusion.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * Times tasks in turn, one run of each a round, so that a slow minute of the machine hits all of
 * them alike and their ratios hold.
 *
 * <p>Not JMH: a run takes milliseconds to seconds inside PyTorch, so what matters is that the tasks
 * compared alternate, which JMH's forks do not.
 */
final class Timing {

  private static final double WARM_UP_MILLISECONDS = 2000;
  private static final double MILLISECONDS = 4000;
  private static final double BRIEF_WARM_UP_MILLISECONDS = 200;
  private static final double BRIEF_MILLISECONDS = 500;
  private static final int MIN_RUNS = 3;
  private static final int MAX_RUNS = 201;

  private Timing() {}

  /**
   * Median time of each task in milliseconds, in the order of the map.
   *
   * @param tasks each does its work once and tells how many milliseconds that took
   */
  static Map<String, Double> medians(Map<String, DoubleSupplier> tasks) {
    return medians(tasks, WARM_UP_MILLISECONDS, MILLISECONDS);
  }

  private static Map<String, Double> medians(
      Map<String, DoubleSupplier> tasks, double warmUpMilliseconds, double milliseconds) {
    tasks.values().forEach(task -> warmUp(task, warmUpMilliseconds));
    Map<String, double[]> runs = new LinkedHashMap<>();
    tasks.keySet().forEach(name -> runs.put(name, new double[MAX_RUNS]));
    double total = 0;
    int rounds = 0;
    while (rounds < MIN_RUNS || rounds < MAX_RUNS && total < milliseconds * tasks.size()) {
      for (Map.Entry<String, DoubleSupplier> task : tasks.entrySet()) {
        double ms = task.getValue().getAsDouble();
        runs.get(task.getKey())[rounds] = ms;
        total += ms;
      }
      rounds++;
    }
    Map<String, Double> medians = new LinkedHashMap<>();
    for (Map.Entry<String, double[]> run : runs.entrySet()) {
      medians.put(run.getKey(), median(Arrays.copyOf(run.getValue(), rounds)));
    }
    return medians;
  }

  /** Median time of one task in milliseconds. */
  static double median(Runnable task) {
    return medians(Map.of("task", timed(task))).get("task");
  }

  /** The same, of half a second of runs: enough for a device that nobody shares. */
  static double brief(DoubleSupplier task) {
    return medians(Map.of("task", task), BRIEF_WARM_UP_MILLISECONDS, BRIEF_MILLISECONDS)
        .get("task");
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** Runs the task and tells its time in milliseconds. */
  static DoubleSupplier timed(Runnable task) {
    return () -> {
      long start = System.nanoTime();
      task.run();
      return (System.nanoTime() - start) / 1e6;
    };
  }

  private static void warmUp(DoubleSupplier task, double milliseconds) {
    double total = task.getAsDouble() + task.getAsDouble();
    while (total < milliseconds) {
      total += task.getAsDouble();
    }
  }
}
