package emnist.diffusion.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.gson.Gson;
import emnist.diffusion.MutationFuzz;
import emnist.diffusion.model.UNet2DModelConfig;
import emnist.diffusion.scheduler.DDIMSchedulerConfig;
import emnist.diffusion.scheduler.DDPMSchedulerConfig;
import emnist.diffusion.scheduler.DPMSolverMultistepSchedulerConfig;
import emnist.diffusion.scheduler.Scheduler;
import emnist.diffusion.training.TrainingConfig;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ConfigFuzzTest {

  private static final String UNET = UNet2DModelConfig.fromJson("{}").toJson();

  @Test
  void whatIsAcceptedGsonReadsAlike() throws Exception {
    MutationFuzz.run(
        IllegalArgumentException.class,
        bytes -> {
          JsonNode read;
          try {
            read = Json.parse(ByteBuffer.wrap(bytes));
          } catch (MalformedJson e) {
            throw new IllegalArgumentException("Expected JSON, found " + e.getMessage() + ".", e);
          }
          Gson gson = new Gson();
          assertThat(gson.fromJson(Json.writeCompact(read), Object.class))
              .usingRecursiveComparison()
              .withEqualsForType((a, b) -> a.doubleValue() == b, Double.class) // -0 is 0
              .isEqualTo(gson.fromJson(new String(bytes, StandardCharsets.UTF_8), Object.class));
        },
        bytes(UNET),
        bytes("{\"a\": [-0.5e-3, \"\\u00fc\\ud83d\\ude00\\n\", {}], \"ü😀\": {\"b\": null}}"));
  }

  @Test
  void theOptionsOfANetworkAreReadOrRefused() throws Exception {
    fuzz(UNet2DModelConfig::fromJson, UNET);
  }

  @Test
  void aSchedulerIsMadeOrRefused() throws Exception {
    fuzz(
        Scheduler::fromJson,
        DDPMSchedulerConfig.fromJson("{\"num_train_timesteps\": 10}").toJson(),
        DDIMSchedulerConfig.fromJson("{\"num_train_timesteps\": 10}").toJson(),
        DPMSolverMultistepSchedulerConfig.fromJson("{\"num_train_timesteps\": 10}").toJson());
  }

  @Test
  void theSettingsOfTrainingAreReadOrRefused() throws Exception {
    fuzz(TrainingConfig::fromJson, TrainingConfig.fromJson("{}").toJson().toString());
  }

  private static void fuzz(Consumer<String> reader, String... texts) throws Exception {
    byte[][] whole = new byte[texts.length][];
    for (int i = 0; i < texts.length; i++) {
      whole[i] = bytes(texts[i]);
    }
    MutationFuzz.run(
        IllegalArgumentException.class,
        bytes -> reader.accept(new String(bytes, StandardCharsets.UTF_8)),
        whole);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
