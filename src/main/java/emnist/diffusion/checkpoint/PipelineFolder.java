package emnist.diffusion.checkpoint;

import ai.djl.ndarray.NDArray;
import emnist.diffusion.config.Json;
import emnist.diffusion.config.JsonConfig;
import emnist.diffusion.files.AtomicFiles;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.model.UNet2DModelConfig;
import emnist.diffusion.scheduler.SchedulerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A folder as diffusers' {@code DDPMPipeline.save_pretrained} writes it: {@code model_index.json},
 * {@code unet/} and {@code scheduler/}.
 */
public final class PipelineFolder {

  static final String UNET = "unet";
  static final String SCHEDULER = "scheduler/scheduler_config.json";
  private static final String INDEX = "model_index.json";

  private PipelineFolder() {}

  /**
   * Writes the folder; it is complete and on the disk, or absent.
   *
   * @param folder a new or an empty folder
   * @throws IllegalArgumentException if there is something in it; it is then left alone
   */
  public static void save(Path folder, UNet2DModel unet, SchedulerConfig scheduler)
      throws IOException {
    boolean isEmpty = Files.isDirectory(folder) && AtomicFiles.names(folder).isEmpty();
    if (Files.exists(folder) && !isEmpty) {
      throw new IllegalArgumentException(
          "Expected a new or an empty folder at %s, found one with files. Name another folder."
              .formatted(folder));
    }
    Files.createDirectories(folder.toAbsolutePath().getParent());
    AtomicFiles.writeFolder(
        folder, partial -> write(partial, unet.config(), unet.parameters(), scheduler));
  }

  /**
   * Writes the files into a folder that {@link AtomicFiles} is writing.
   *
   * @return what was written, by path below the folder
   */
  static Map<String, Fingerprint> write(
      Path folder,
      UNet2DModelConfig config,
      Map<String, NDArray> weights,
      SchedulerConfig scheduler)
      throws IOException {
    Map<String, Object> index = new LinkedHashMap<>();
    index.put("_class_name", "DDPMPipeline");
    index.put("_diffusers_version", JsonConfig.DIFFUSERS_VERSION);
    index.put("scheduler", List.of("diffusers", scheduler.className()));
    index.put("unet", List.of("diffusers", "UNet2DModel"));
    Map<String, Fingerprint> files = PretrainedModel.writeInto(folder, UNET, config, weights);
    files.put(INDEX, Fingerprint.ofWriting(folder.resolve(INDEX), Json.write(index) + "\n"));
    files.put(SCHEDULER, Fingerprint.ofWriting(folder.resolve(SCHEDULER), scheduler.toJson()));
    return files;
  }
}
