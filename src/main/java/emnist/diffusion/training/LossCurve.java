package emnist.diffusion.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * The training loss over the run, one point for every few updates.
 *
 * <p>Losses are added up on the device and read only for a point: reading one waits until the
 * device has caught up.
 */
public final class LossCurve {

  /**
   * A point of the curve.
   *
   * @param step updates done so far
   * @param loss mean loss since the point before
   * @param learningRate of the last update
   * @param gradNorm global gradient norm of the last update, before clipping
   */
  public record Point(long step, double loss, double learningRate, double gradNorm) {}

  private static final int UPDATES_PER_POINT = 10;

  private final List<Point> points = new ArrayList<>();
  private final NDArray sum;
  private long losses;
  private double epochSum;
  private long epochLosses;

  LossCurve(NDManager manager) {
    this.sum = manager.zeros(new Shape());
  }

  /** The points so far. */
  public List<Point> points() {
    return List.copyOf(points);
  }

  /** Loss of the newest point, NaN before the first. */
  public double latest() {
    return points.isEmpty() ? Double.NaN : points.get(points.size() - 1).loss();
  }

  /** Adds the loss of one forward pass. */
  void add(NDArray loss) {
    sum.addi(loss);
    losses++;
  }

  /** Marks the end of an update. */
  void update(long step, double learningRate, NDArray gradNorm) {
    if (step % UPDATES_PER_POINT == 0) {
      points.add(new Point(step, flush(), learningRate, gradNorm.getFloat()));
    }
  }

  /** Mean loss of the epoch that ends here. */
  double endEpoch() {
    flush();
    double mean = epochSum / epochLosses;
    epochSum = 0;
    epochLosses = 0;
    return mean;
  }

  private double flush() {
    double total = sum.getFloat();
    double mean = total / losses;
    epochSum += total;
    epochLosses += losses;
    sum.muli(0);
    losses = 0;
    return mean;
  }
}
