package emnist.diffusion.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import emnist.diffusion.config.Json;
import emnist.diffusion.config.JsonConfig;
import emnist.diffusion.torch.AdamW;
import emnist.diffusion.torch.MixedPrecision;
import java.util.List;
import java.util.Map;

/**
 * How a network is trained: at most 1,000,000,000 epochs, 1,000,000 images and steps at a time, and
 * a learning rate from 1e-30 to 1000.
 *
 * @param numEpochs passes over the data
 * @param trainBatchSize images per forward pass
 * @param gradientAccumulationSteps forward passes per update of the weights
 * @param learningRate peak learning rate
 * @param lrScheduler how the rate changes over the run
 * @param lrWarmupSteps updates over which the rate rises to its peak; unused by {@code constant}
 * @param maxGradNorm global norm the gradients are clipped to; infinite for no clipping
 * @param snrGamma signal-to-noise ratio at which a timestep's weight in the loss is capped (Hang et
 *     al. 2023, Min-SNR, arXiv:2303.09556, who use 5); null for no weights
 * @param labelDropout probability that an image is shown without its class, 0 to 0.99; above 0,
 *     classifier-free guidance is possible and the network's last class is the null class (Ho and
 *     Salimans 2022, arXiv:2207.12598, who use 0.1 to 0.2)
 * @param mixedPrecision number format of the network's products in training; the weights, the
 *     optimizer and the loss are always float32
 * @param adamw the optimizer's other settings
 * @param ema how the weights are averaged
 * @param seed seed of all random numbers of the run
 * @param keepOptimizerStates whether all epochs keep the optimizer's state, twice the size of the
 *     weights; otherwise only the two newest do
 * @param checkpointsTotalLimit how many of the newest epochs are kept; null for all
 * @param keepEveryEpochs also keep every n-th older epoch; null for none
 */
public record TrainingConfig(
    int numEpochs,
    int trainBatchSize,
    int gradientAccumulationSteps,
    double learningRate,
    LrScheduler lrScheduler,
    int lrWarmupSteps,
    double maxGradNorm,
    Double snrGamma,
    double labelDropout,
    MixedPrecision mixedPrecision,
    AdamW.Config adamw,
    EMAModel.Config ema,
    long seed,
    boolean keepOptimizerStates,
    Integer checkpointsTotalLimit,
    Integer keepEveryEpochs) {

  private static final int MOST = 1_000_000;

  /** What diffusers' unconditional training example uses, but for the epochs and the batch. */
  private static final JsonConfig<TrainingConfig> JSON =
      new JsonConfig<>(
          "TrainingConfig",
          TrainingConfig.class,
          """
          {
            "num_epochs": 50,
            "train_batch_size": 128,
            "gradient_accumulation_steps": 1,
            "learning_rate": 1e-4,
            "lr_scheduler": "cosine",
            "lr_warmup_steps": 500,
            "max_grad_norm": 1,
            "snr_gamma": null,
            "label_dropout": 0,
            "mixed_precision": "no",
            "adamw": %s,
            "ema": %s,
            "seed": 0,
            "keep_optimizer_states": false,
            "checkpoints_total_limit": null,
            "keep_every_epochs": null
          }
          """
              .formatted(Json.write(AdamW.Config.DEFAULT), Json.write(EMAModel.Config.DEFAULT)),
          "{}");

  /** The settings that decide which checkpoints are kept, and nothing else. */
  static final List<String> RETENTION =
      List.of("keep_optimizer_states", "checkpoints_total_limit", "keep_every_epochs");

  public TrainingConfig {
    JsonConfig.within("num_epochs", numEpochs, 1, 1_000_000_000);
    JsonConfig.within("train_batch_size", trainBatchSize, 1, MOST);
    JsonConfig.within("gradient_accumulation_steps", gradientAccumulationSteps, 1, MOST);
    JsonConfig.within("learning_rate", learningRate, 1e-30, 1000);
    JsonConfig.within("lr_warmup_steps", lrWarmupSteps, 0, Integer.MAX_VALUE);
    JsonConfig.within("max_grad_norm", maxGradNorm, 1e-30, Double.POSITIVE_INFINITY);
    JsonConfig.within("snr_gamma", snrGamma, 1e-30, 1e30);
    JsonConfig.within("checkpoints_total_limit", checkpointsTotalLimit, 1, MOST);
    JsonConfig.within("keep_every_epochs", keepEveryEpochs, 1, MOST);
    JsonConfig.within("label_dropout", labelDropout, 0, 0.99);
  }

  /**
   * Reads settings from JSON, such as {@code {"num_epochs": 10, "ema": {"decay": 0.999}}}; the rest
   * are 50 epochs of batches of 128 with the settings of diffusers' unconditional training example.
   *
   * @throws IllegalArgumentException if a setting is unknown, of the wrong kind or out of range
   */
  public static TrainingConfig fromJson(String json) {
    return JSON.fromJson(json);
  }

  /**
   * The same with some settings changed.
   *
   * @param changes JSON of the settings to change, such as {@code {"snr_gamma": 5}}
   */
  public TrainingConfig with(String changes) {
    return JSON.with(this, changes);
  }

  /** For that many passes over the data. */
  public TrainingConfig withNumEpochs(int epochs) {
    return with("num_epochs", epochs);
  }

  /** With that many images per forward pass. */
  public TrainingConfig withTrainBatchSize(int images) {
    return with("train_batch_size", images);
  }

  /** With another peak learning rate. */
  public TrainingConfig withLearningRate(double peak) {
    return with("learning_rate", peak);
  }

  /** With that many updates over which the learning rate rises. */
  public TrainingConfig withLrWarmupSteps(int updates) {
    return with("lr_warmup_steps", updates);
  }

  /** With that global norm to clip the gradients to. */
  public TrainingConfig withMaxGradNorm(double norm) {
    return with("max_grad_norm", norm);
  }

  /** With that probability of showing an image without its class. */
  public TrainingConfig withLabelDropout(double probability) {
    return with("label_dropout", probability);
  }

  /** With other random numbers. */
  public TrainingConfig withSeed(long seed) {
    return with("seed", seed);
  }

  private TrainingConfig with(String setting, Object value) {
    return with(Json.write(Map.of(setting, value)));
  }

  /** The settings as JSON. */
  public ObjectNode toJson() {
    return Json.tree(this);
  }
}
