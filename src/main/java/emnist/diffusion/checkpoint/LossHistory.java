package emnist.diffusion.checkpoint;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.LowerCamelCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;

/**
 * The loss of a run up to a moment, and the sums that the next point needs.
 *
 * @param points the points so far
 * @param sum sum of the losses since the newest point
 * @param losses number of losses in {@code sum}
 * @param epochSum sum of this epoch's losses that are already in points
 * @param epochLosses number of losses in {@code epochSum}
 * @param quarterSums sums of squared errors by quarter of the timesteps since the newest point,
 *     then the numbers of images in them; empty in files of earlier versions
 */
@JsonNaming(LowerCamelCaseStrategy.class)
@JsonIgnoreProperties(ignoreUnknown = true)
public record LossHistory(
    List<Point> points,
    float sum,
    long losses,
    double epochSum,
    long epochLosses,
    List<Float> quarterSums) {

  /** Parts of the timesteps that have a curve each: the first has the least noise. */
  public static final int QUARTERS = 4;

  /**
   * A point of the curve.
   *
   * @param step updates done so far
   * @param loss mean loss since the previous point
   * @param learningRate of the last update
   * @param gradNorm global gradient norm of the last update, before clipping
   * @param quarters mean squared error by quarter of the timesteps, null for a quarter without an
   *     image; empty in files of earlier versions
   */
  @JsonNaming(LowerCamelCaseStrategy.class)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Point(
      long step,
      double loss,
      double learningRate,
      double gradNorm,
      @JsonSetter(contentNulls = Nulls.SET) List<Double> quarters) {

    public Point {
      quarters = quarters == null ? List.of() : quarters;
    }

    private boolean isSound() {
      return step >= 0
          && Double.isFinite(loss + learningRate + gradNorm)
          && (quarters.isEmpty() || quarters.size() == QUARTERS)
          && quarters.stream().allMatch(mean -> mean == null || Double.isFinite(mean));
    }
  }

  public LossHistory {
    points = points == null ? List.of() : List.copyOf(points);
    quarterSums = quarterSums == null ? List.of() : List.copyOf(quarterSums);
  }

  /** Whether a training can have written it. */
  boolean isSound() {
    return losses >= 0
        && epochLosses >= 0
        && Double.isFinite(sum + epochSum)
        && (quarterSums.isEmpty() || quarterSums.size() == 2 * QUARTERS)
        && quarterSums.stream().allMatch(Float::isFinite)
        && points.stream().allMatch(Point::isSound);
  }
}
