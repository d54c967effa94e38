package emnist.diffusion.checkpoint;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.LowerCamelCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.ObjectNode;
import emnist.diffusion.config.Json;
import emnist.diffusion.config.MalformedJson;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;

/**
 * What {@code run.json} says: how a checkpoint came about and how far its run is, enough to repeat
 * the run and to resume it.
 *
 * @param settings what decides how the run goes
 * @param versions what it runs on
 * @param position how far it is; where a file says nothing, the start of the earliest of all runs
 * @param lossCurve the loss so far; null where a file has none
 * @param loss mean loss of the epoch that has just ended; null within an epoch
 * @param interrupted whether the run was stopped within an epoch
 * @param trainedBefore whether the run started with a network that was trained or loaded before
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RunRecord(
    @JsonUnwrapped Settings settings,
    Versions versions,
    @JsonUnwrapped RunPosition position,
    LossHistory lossCurve,
    Double loss,
    @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean interrupted,
    @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean trainedBefore) {

  /**
   * What decides how a run goes.
   *
   * @param training options of the training, with snake_case names
   * @param unet the network's {@code config.json}
   * @param scheduler the {@code scheduler_config.json} of the scheduler that adds the noise
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Settings(
      ObjectNode training, ObjectNode unet, ObjectNode scheduler, Dataset dataset) {

    /** The fraction of labels that the network was not told; 0 where the options have none. */
    public double labelDropout() {
      return training == null
          ? 0
          : optional(training, "label_dropout", JsonNode::isNumber).doubleValue();
    }
  }

  /**
   * The images of a run.
   *
   * @param images number of images
   * @param sha256 of the images and labels, in hexadecimal
   * @param source where they came from, for people
   */
  @JsonNaming(LowerCamelCaseStrategy.class)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Dataset(int images, String sha256, List<String> classNames, String source) {}

  /**
   * What a run runs on.
   *
   * @param device DJL's name of it, such as {@code gpu(0)}
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Versions(String java, String pytorch, String device) {}

  /**
   * Reads a {@code run.json}. What is missing is null, and names that are unknown are ignored, so
   * that runs of other versions can be read.
   *
   * @throws MalformedJson if it is not a JSON object, or a value has the wrong type
   */
  public static RunRecord fromJson(String text) {
    ObjectNode json = Json.object(Json.parse(text));
    Settings settings =
        Json.read(
            json.deepCopy().retain("training", "unet", "scheduler", "dataset"), Settings.class);
    settings.labelDropout();
    return new RunRecord(
        settings,
        json.has("versions") ? Json.read(json.get("versions"), Versions.class) : null,
        position(json),
        json.has("loss_curve") ? Json.read(json.get("loss_curve"), LossHistory.class) : null,
        json.has("loss") ? optional(json, "loss", JsonNode::isNumber).doubleValue() : null,
        optional(json, "interrupted", JsonNode::isBoolean).booleanValue(),
        optional(json, "trained_before", JsonNode::isBoolean).booleanValue());
  }

  private static RunPosition position(ObjectNode json) {
    try {
      return new RunPosition(
          json.has("started") ? Instant.parse(Json.string(json.get("started"))) : Instant.EPOCH,
          json.has("epoch") ? Math.toIntExact(Json.integer(json.get("epoch"))) : 0,
          json.has("batch") ? Math.toIntExact(Json.integer(json.get("batch"))) : 0);
    } catch (MalformedJson | DateTimeException | ArithmeticException e) {
      throw new MalformedJson(
          "a position of the run (started, epoch, batch) that is none: " + e.getMessage());
    }
  }

  /** A value of the expected kind, or Jackson's missing node, which counts as 0 and false. */
  private static JsonNode optional(ObjectNode json, String name, Predicate<JsonNode> kind) {
    JsonNode value = json.path(name);
    if (!value.isMissingNode() && !kind.test(value)) {
      throw new MalformedJson("%s as \"%s\"".formatted(value, name));
    }
    return value;
  }

  /** The text of a {@code run.json}. */
  public String toJson() {
    return Json.write(this) + "\n";
  }
}
