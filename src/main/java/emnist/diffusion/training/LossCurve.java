package emnist.diffusion.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.checkpoint.LossHistory;
import java.util.ArrayList;
import java.util.List;

/**
 * The training loss over the run, one point for every few updates and at the end of an epoch.
 *
 * <p>Losses are added up on the device and read only for a point, because reading one waits until
 * the device has caught up.
 */
public final class LossCurve {

  private static final int UPDATES_PER_POINT = 10;

  private final List<LossHistory.Point> points = new ArrayList<>();
  private final NDArray sum;
  private long losses;
  private double epochSum;
  private long epochLosses;

  LossCurve(NDManager manager) {
    this.sum = manager.zeros(new Shape());
  }

  /** The points so far. */
  public List<LossHistory.Point> points() {
    return List.copyOf(points);
  }

  /** Loss of the newest point, NaN before the first. */
  public double latest() {
    return points.isEmpty() ? Double.NaN : points.get(points.size() - 1).loss();
  }

  /**
   * Adds an update, without waiting for the device.
   *
   * @param lossSum sum of the losses of its forward passes
   * @param forwardPasses their number
   */
  void add(NDArray lossSum, int forwardPasses) {
    sum.addi(lossSum);
    losses += forwardPasses;
  }

  /** Whether the curve gets a point after that many updates; it also gets one at an epoch's end. */
  static boolean isPointDue(long updates) {
    return updates % UPDATES_PER_POINT == 0;
  }

  /**
   * Adds a point for the updates since the last one; waits for the device.
   *
   * @param updates done so far
   * @param learningRate of the last of them
   * @param gradNorm of the last of them
   */
  void addPoint(long updates, double learningRate, NDArray gradNorm) {
    points.add(new LossHistory.Point(updates, flush(), learningRate, gradNorm.getFloat()));
  }

  /** Mean loss of an epoch that has ended. */
  double epochMean() {
    return epochSum / epochLosses;
  }

  /** Starts the mean of a new epoch. */
  void startEpoch() {
    epochSum = 0;
    epochLosses = 0;
  }

  /** Everything, to be saved. */
  LossHistory state() {
    return new LossHistory(points(), sum.getFloat(), losses, epochSum, epochLosses);
  }

  /** Replaces everything by what was saved. */
  void load(LossHistory state) {
    points.clear();
    points.addAll(state.points());
    sum.set(new float[] {state.sum()});
    losses = state.losses();
    epochSum = state.epochSum();
    epochLosses = state.epochLosses();
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
