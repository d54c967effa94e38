package emnist.diffusion.extras.pretrained;

import static emnist.diffusion.checkpoint.SavePrecision.FLOAT16;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.data.EmnistSplit;
import emnist.diffusion.extras.command.Commands;
import emnist.diffusion.extras.data.LettersFolder;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.model.UNet2DModelConfig;
import emnist.diffusion.scheduler.DDPMScheduler;
import emnist.diffusion.scheduler.DDPMSchedulerConfig;
import emnist.diffusion.training.Trainer;
import emnist.diffusion.training.TrainingConfig;
import emnist.diffusion.walkthrough.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command line: trains the network in the box again, from NIST's capitals. */
@Command(
    name = "TrainPretrained",
    description = "Trains the network in the box from NIST's capitals. Run again to resume.")
public final class TrainPretrained implements Callable<Integer> {

  private static final long SEED = 0;
  private static final int PER_LETTER = 8000;

  private static final UNet2DModelConfig UNET =
      UNet2DModelConfig.fromJson(
          """
          {
            "sample_size": 28,
            "in_channels": 1,
            "out_channels": 1,
            "layers_per_block": 1,
            "block_out_channels": [32, 64, 96],
            "down_block_types": ["DownBlock2D", "DownBlock2D", "AttnDownBlock2D"],
            "up_block_types": ["AttnUpBlock2D", "UpBlock2D", "UpBlock2D"],
            "norm_num_groups": 8,
            "num_class_embeds": 27
          }
          """);

  private static final DDPMSchedulerConfig SCHEDULER =
      DDPMSchedulerConfig.fromJson(
          """
          {
            "num_train_timesteps": 1000,
            "beta_schedule": "squaredcos_cap_v2",
            "prediction_type": "v_prediction"
          }
          """);

  private static final TrainingConfig TRAINING =
      TrainingConfig.fromJson(
          """
          {
            "num_epochs": 14,
            "train_batch_size": 256,
            "learning_rate": 2.5e-3,
            "lr_warmup_steps": 500,
            "label_dropout": 0.1,
            "ema": {"decay": 0.9995}
          }
          """);

  @Option(names = "--data", required = true, description = "folder of NIST's capitals")
  private Path data;

  @Option(names = "--output", description = "folder to train in; default ${DEFAULT-VALUE}")
  private Path output = Path.of("pretrained");

  @Option(names = "--help", usageHelp = true, description = "list the options")
  private boolean help;

  public static void main(String[] arguments) {
    System.exit(Commands.of(new TrainPretrained()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Settings settings = Settings.of(System.getenv());
    NistCapitals capitals = NistCapitals.read(data, SEED);
    LettersFolder.write(
        output.resolve("data"),
        "handwritten capitals of NIST's Special Database 19",
        capitals.train(),
        capitals.test());
    Path distorted = output.resolve("distorted");
    LettersFolder.write(
        distorted,
        "handwritten capitals of NIST's Special Database 19, %s of each, most of them distorted"
            .formatted(PER_LETTER),
        capitals.distorted(PER_LETTER, SEED),
        capitals.test());
    EmnistDataset train = EmnistDataset.open(distorted, EmnistSplit.LETTERS, true);
    try (NDManager manager = NDManager.newBaseManager(settings.device());
        Trainer trainer =
            new Trainer(
                new UNet2DModel(manager, UNET, SEED),
                new DDPMScheduler(SCHEDULER),
                TRAINING,
                output.resolve("epochs"))) {
      trainer.resume(train);
      trainer.train(
          train, result -> result.pipeline().savePretrained(output.resolve("network"), FLOAT16));
    }
    return CommandLine.ExitCode.OK;
  }
}
