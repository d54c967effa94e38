package emnist.diffusion.checkpoint;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.LowerCamelCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import emnist.diffusion.config.Json;
import emnist.diffusion.config.MalformedJson;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * What {@code run.json} says: how a checkpoint came about and how far its run is, enough to repeat
 * the run and to resume it.
 *
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
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Settings(
      ObjectNode training, ObjectNode unet, ObjectNode scheduler, Dataset dataset) {

    /** The fraction of labels that the network was not told; 0 where the options have none. */
    public double labelDropout() {
      JsonNode value = training == null ? null : training.get("label_dropout");
      require(value == null || value.isNumber(), value, "label_dropout");
      return value == null ? 0 : value.doubleValue();
    }

    /** Refuses a position that no run with these settings has; those that are missing allow any. */
    private void requireReachable(int epoch, int batch) {
      long size = atLeastOne("train_batch_size", 0);
      long perUpdate = atLeastOne("gradient_accumulation_steps", 1);
      int images = dataset == null ? 1 : dataset.images;
      require(images > 0, images, "images");
      long batches = size == 0 || dataset == null ? batch : (images - 1) / size + 1;
      require(epoch >= 0 && epoch <= atLeastOne("num_epochs", epoch), epoch, "epoch");
      boolean isUpdate = batch % perUpdate == 0 || batch == batches;
      require(batch >= 0 && batch <= batches && isUpdate, batch, "batch");
    }

    private long atLeastOne(String option, long otherwise) {
      JsonNode value = training == null ? null : training.get(option);
      require(value == null || value.canConvertToLong() && value.longValue() > 0, value, option);
      return value == null ? otherwise : value.longValue();
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
   * How far a run is. Of two positions the larger is the one to resume: of the run that was started
   * last, the one that is further.
   *
   * @param started when the run was first started
   * @param epoch the epoch it is in, counted from 1
   * @param batch batches of that epoch that are done
   */
  public record RunPosition(
      @JsonSerialize(using = ToStringSerializer.class) Instant started, int epoch, int batch)
      implements Comparable<RunPosition> {

    /** The same run after {@code batches} of its epoch. */
    public RunPosition at(int batches) {
      return new RunPosition(started, epoch, batches);
    }

    /** The same run at the start of the next epoch. */
    public RunPosition nextEpoch() {
      return new RunPosition(started, epoch + 1, 0);
    }

    @Override
    public int compareTo(RunPosition other) {
      return Comparator.comparing(RunPosition::started)
          .thenComparing(RunPosition::epoch)
          .thenComparing(RunPosition::batch)
          .compare(this, other);
    }
  }

  /** What {@code run.json} has besides the settings; the position is no object of its own. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  private record Rest(
      Versions versions,
      String started,
      int epoch,
      int batch,
      LossHistory lossCurve,
      Double loss,
      boolean interrupted,
      boolean trainedBefore) {}

  private static final String LEAST =
      """
      {"started": "%s", "epoch": 0, "batch": 0, "interrupted": false, "trained_before": false}
      """
          .formatted(Instant.EPOCH);

  /** No clock is as late: a run from there would be the latest for ever. */
  private static final Instant NEVER = Instant.parse("9999-01-01T00:00:00Z");

  /**
   * Reads a {@code run.json}. What is missing is null, and names that are unknown are ignored, so
   * that runs of other versions can be read.
   *
   * @throws MalformedJson if it is not a JSON object, or a value has the wrong type or is out of
   *     range, such as a batch that an epoch of the run does not have
   */
  public static RunRecord fromJson(String text) {
    ObjectNode json = Json.object(Json.parse(LEAST)).setAll(Json.object(Json.parse(text)));
    Settings settings = Json.read(json, Settings.class);
    settings.labelDropout(); // refuses one that is no number
    Rest rest = Json.read(json, Rest.class);
    try {
      Instant started = Instant.parse(String.valueOf(rest.started));
      require(!started.isBefore(Instant.EPOCH) && started.isBefore(NEVER), started, "started");
      require(rest.loss == null || Double.isFinite(rest.loss), rest.loss, "loss");
      require(
          rest.lossCurve == null || rest.lossCurve.isSound(), "an impossible number", "loss_curve");
      settings.requireReachable(rest.epoch, rest.batch);
      RunPosition position = new RunPosition(started, rest.epoch, rest.batch);
      return new RunRecord(
          settings,
          rest.versions,
          position,
          rest.lossCurve,
          rest.loss,
          rest.interrupted,
          rest.trainedBefore);
    } catch (DateTimeException e) {
      throw new MalformedJson("no moment as \"started\": " + e.getMessage());
    }
  }

  private static void require(boolean isSound, Object value, String name) {
    if (!isSound) {
      throw new MalformedJson("%s as \"%s\"".formatted(value, name));
    }
  }

  public String toJson() {
    return Json.write(this) + "\n";
  }
}
