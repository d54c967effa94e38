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
  private static final int WARM_UP_RUNS = 3;
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
    tasks.values().forEach(Timing::warmUp);
    Map<String, double[]> runs = new LinkedHashMap<>();
    tasks.keySet().forEach(name -> runs.put(name, new double[MAX_RUNS]));
    double total = 0;
    int rounds = 0;
    while (rounds < MIN_RUNS || rounds < MAX_RUNS && total < MILLISECONDS * tasks.size()) {
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

  /**
   * Median time of one task in milliseconds, of half a second of runs after three to warm up:
   * enough for a device that nobody shares.
   */
  static double brief(DoubleSupplier task) {
    for (int i = 0; i < WARM_UP_RUNS; i++) {
      task.getAsDouble();
    }
    double[] runs = new double[MAX_RUNS];
    double total = 0;
    int done = 0;
    while (done < MIN_RUNS || done < MAX_RUNS && total < BRIEF_MILLISECONDS) {
      runs[done] = task.getAsDouble();
      total += runs[done];
      done++;
    }
    return median(Arrays.copyOf(runs, done));
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

  private static void warmUp(DoubleSupplier task) {
    double total = task.getAsDouble() + task.getAsDouble();
    while (total < WARM_UP_MILLISECONDS) {
      total += task.getAsDouble();
    }
  }
}
