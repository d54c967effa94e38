package emnist.diffusion.training;

import static emnist.diffusion.checkpoint.LossHistory.QUARTERS;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.checkpoint.LossHistory;
import emnist.diffusion.torch.Autograd;
import emnist.diffusion.torch.HostCopy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * The training loss over the run, one point for every few updates and at the end of an epoch; also
 * by quarter of the timesteps, because noise levels are not learned at the same time (Nichol and
 * Dhariwal 2021, arXiv:2102.09672).
 *
 * <p>Losses are added up on the device and read only for a point, because reading one waits until
 * the device has caught up.
 */
public final class LossCurve {

  /** A point comes after each so many updates; another one comes at an epoch's end. */
  static final int UPDATES_PER_POINT = 10;

  /** The share of the curve before in a point of a smoothed curve. */
  private static final double SMOOTHNESS = 0.9;

  private final List<LossHistory.Point> points = new ArrayList<>();
  private final NDArray sum;

  /** Sums of the images' mean squared errors by quarter, and below them numbers of images. */
  private final NDArray quarterSums;

  /** The same of the batches since the last update, which a resumed run would repeat. */
  private final NDArray pending;

  private final int numTrainTimesteps;
  private long losses;
  private double epochSum;
  private long epochLosses;

  LossCurve(NDManager manager, int numTrainTimesteps) {
    this.numTrainTimesteps = numTrainTimesteps;
    this.sum = manager.zeros(new Shape());
    this.quarterSums = manager.zeros(new Shape(2, QUARTERS));
    this.pending = manager.zeros(new Shape(2, QUARTERS));
  }

  public List<LossHistory.Point> points() {
    return List.copyOf(points);
  }

  /** The running average of the loss, at each point. */
  public List<Double> smoothed() {
    return smoothed(LossHistory.Point::loss);
  }

  /**
   * The running average of the mean squared error of the images whose timestep lies in a quarter,
   * at each point; NaN before the first.
   *
   * @param quarter from 0, of {@link LossHistory#QUARTERS}
   */
  public List<Double> smoothed(int quarter) {
    return smoothed(point -> point.quarters().isEmpty() ? null : point.quarters().get(quarter));
  }

  private List<Double> smoothed(Function<LossHistory.Point, Double> value) {
    List<Double> smoothed = new ArrayList<>();
    double average = Double.NaN;
    for (LossHistory.Point point : points) {
      Double next = value.apply(point);
      if (next != null) {
        average = Double.isNaN(average) ? next : SMOOTHNESS * average + (1 - SMOOTHNESS) * next;
      }
      smoothed.add(average);
    }
    return smoothed;
  }

  /** Loss of the newest point, NaN before the first. */
  double latest() {
    return points.isEmpty() ? Double.NaN : points.get(points.size() - 1).loss();
  }

  /** Adds a batch by quarter of its timesteps, without waiting for the device. */
  void add(TrainingStep step) {
    Autograd.noGrad(
        () -> {
          NDArray difference = step.prediction().sub(step.target());
          NDArray error = difference.square().reshape(difference.size(0), -1).mean(new int[] {1});
          NDArray t = step.timesteps().mul(QUARTERS).toType(DataType.FLOAT32, false);
          NDArray quarter =
              t.div(numTrainTimesteps).floor().toType(DataType.INT64, false).oneHot(QUARTERS);
          NDArray byImage = error.stack(error.onesLike()); // errors, and ones to count
          return pending.addi(byImage.matMul(quarter));
        });
  }

  /**
   * Adds the update that the batches since the last one belong to, without waiting for the device.
   *
   * @param lossSum sum of the losses of its forward passes
   * @param forwardPasses their number
   */
  void addUpdate(NDArray lossSum, int forwardPasses) {
    sum.addi(lossSum);
    losses += forwardPasses;
    quarterSums.addi(pending);
    forgetPending();
  }

  /** Forgets the batches that no update has used, because training repeats them. */
  void forgetPending() {
    pending.muli(0);
  }

  /**
   * Adds a point for the updates since the last one; waits for the device.
   *
   * @param updates done so far
   * @param learningRate of the last of them
   * @param gradNorm of the last of them
   */
  void addPoint(long updates, double learningRate, NDArray gradNorm) {
    double total = HostCopy.of(sum)[0];
    points.add(
        new LossHistory.Point(
            updates, total / losses, learningRate, HostCopy.of(gradNorm)[0], quarterMeans()));
    epochSum += total;
    epochLosses += losses;
    sum.muli(0);
    quarterSums.muli(0);
    losses = 0;
  }

  /** The mean of each quarter; null for one that had no image. */
  private List<Double> quarterMeans() {
    float[] sums = HostCopy.of(quarterSums);
    return IntStream.range(0, QUARTERS)
        .mapToObj(q -> sums[QUARTERS + q] == 0 ? null : (double) sums[q] / sums[QUARTERS + q])
        .toList();
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
    float[] values = HostCopy.of(quarterSums);
    List<Float> sums = IntStream.range(0, values.length).mapToObj(i -> values[i]).toList();
    return new LossHistory(points(), HostCopy.of(sum)[0], losses, epochSum, epochLosses, sums);
  }

  /** Replaces everything by what was saved. */
  void load(LossHistory state) {
    points.clear();
    points.addAll(state.points());
    sum.set(new float[] {state.sum()});
    losses = state.losses();
    epochSum = state.epochSum();
    epochLosses = state.epochLosses();
    pending.set(new float[2 * QUARTERS]); // which may be NaN
    float[] sums = new float[2 * QUARTERS];
    for (int i = 0; i < state.quarterSums().size(); i++) {
      sums[i] = state.quarterSums().get(i);
    }
    quarterSums.set(sums);
  }
}
