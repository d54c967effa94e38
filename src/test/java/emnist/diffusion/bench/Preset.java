package emnist.diffusion.bench;

import emnist.diffusion.model.UNet2DModelConfig;
import emnist.diffusion.scheduler.DDPMSchedulerConfig;
import emnist.diffusion.training.TrainingConfig;

/** The two networks of the notebooks, with their noise schedules and training settings. */
enum Preset {
  /** A class-conditional network of 0.7 million weights that learns letters on two CPU cores. */
  SMALL(
      """
      {
        "sample_size": 28,
        "in_channels": 1,
        "out_channels": 1,
        "layers_per_block": 1,
        "block_out_channels": [16, 32, 64],
        "down_block_types": ["DownBlock2D", "DownBlock2D", "AttnDownBlock2D"],
        "up_block_types": ["AttnUpBlock2D", "UpBlock2D", "UpBlock2D"],
        "norm_num_groups": 8,
        "resnet_time_scale_shift": "scale_shift",
        "num_class_embeds": 26
      }
      """,
      // The cosine schedule keeps more signal at 28x28 than the linear one (arXiv:2102.09672,
      // figure 3). At its end almost none is left: there a small error in epsilon is a large one in
      // the image, an error in v is not (arXiv:2202.00512, section 4).
      """
      {"beta_schedule": "squaredcos_cap_v2", "prediction_type": "v_prediction"}
      """,
      """
      {
        "train_batch_size": 32,
        "learning_rate": 2e-3,
        "lr_warmup_steps": 100,
        "label_dropout": 0.1,
        "ema": {"decay": 0.999}
      }
      """),

  /** The network of the original project: 113,668,609 weights, no classes; needs a GPU. */
  README(
      """
      {
        "sample_size": 28,
        "in_channels": 1,
        "out_channels": 1,
        "layers_per_block": 2,
        "block_out_channels": [128, 128, 256, 256, 512, 512],
        "down_block_types": ["DownBlock2D", "DownBlock2D", "DownBlock2D", "DownBlock2D",
                             "AttnDownBlock2D", "DownBlock2D"],
        "up_block_types": ["UpBlock2D", "AttnUpBlock2D", "UpBlock2D", "UpBlock2D",
                           "UpBlock2D", "UpBlock2D"]
      }
      """,
      "{}",
      "{}");

  private final UNet2DModelConfig unet;
  private final DDPMSchedulerConfig scheduler;
  private final TrainingConfig training;

  Preset(String unet, String scheduler, String training) {
    this.unet = UNet2DModelConfig.fromJson(unet);
    this.scheduler = DDPMSchedulerConfig.fromJson(scheduler);
    this.training = TrainingConfig.fromJson(training);
  }

  /**
   * The network's options for a data set; with label dropout there is one more class, the null
   * class.
   *
   * @param classes number of classes; ignored by a network without classes
   */
  UNet2DModelConfig unetConfig(int classes) {
    return unet.numClassEmbeds() == null
        ? unet
        : unet.withNumClassEmbeds(training.labelDropout() > 0 ? classes + 1 : classes);
  }

  /** The noise schedule's options. */
  DDPMSchedulerConfig schedulerConfig() {
    return scheduler;
  }

  /** The training settings. */
  TrainingConfig trainingConfig() {
    return training;
  }
}
