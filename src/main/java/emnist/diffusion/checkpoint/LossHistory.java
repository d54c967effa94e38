package emnist.diffusion.checkpoint;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
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
 */
@JsonNaming(LowerCamelCaseStrategy.class)
@JsonIgnoreProperties(ignoreUnknown = true)
public record LossHistory(
    List<Point> points, float sum, long losses, double epochSum, long epochLosses) {

  /**
   * A point of the curve.
   *
   * @param step updates done so far
   * @param loss mean loss since the previous point
   * @param learningRate of the last update
   * @param gradNorm global gradient norm of the last update, before clipping
   */
  @JsonNaming(LowerCamelCaseStrategy.class)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Point(long step, double loss, double learningRate, double gradNorm) {}

  public LossHistory {
    points = points == null ? List.of() : List.copyOf(points);
  }
}
