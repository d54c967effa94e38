package emnist.diffusion.extras.shards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.node.ObjectNode;
import emnist.diffusion.MutationFuzz;
import emnist.diffusion.TinyModel;
import emnist.diffusion.config.Json;
import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.scheduler.DDPMSchedulerConfig;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SampleSetTest {

  private final NDManager manager = NDManager.newBaseManager();
  private final DDPMPipeline pipeline = TinySamples.pipeline(manager);
  private final SampleSet set = TinySamples.set(pipeline, 150, 64);

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @Test
  void theLastShardHoldsWhatIsLeftOver() {
    assertThat(set.shards())
        .containsExactly(new Shard(0, 0, 64), new Shard(1, 64, 128), new Shard(2, 128, 150));
  }

  @Test
  void aMillionImagesAreAHundredShardsOfTenThousand() {
    assertThat(TinySamples.set(pipeline, 1_000_000, 10_000).shards())
        .hasSize(100)
        .last()
        .isEqualTo(new Shard(99, 990_000, 1_000_000));
  }

  @Test
  void theNullClassTakesNoTurn() {
    assertThat(set.network().classes()).isEqualTo(3);
    assertThat(set.network().nullClass()).isEqualTo(3);
  }

  @Test
  void aNetworkWithoutClassesHasOne() {
    DDPMPipeline unconditional =
        new DDPMPipeline(
            TinyModel.create(manager, 1), DDPMSchedulerConfig.defaults().createScheduler());

    assertThat(TinySamples.set(unconditional, 1, 1).network().classes()).isEqualTo(1);
  }

  @Test
  void itsJsonIsReadBack() {
    assertThat(SampleSet.fromJson(set.toJson())).isEqualTo(set);
  }

  @Test
  void itsJsonHasTheNamesOfPython() {
    assertThat(set.toJson())
        .contains("\"images_per_shard\": 64", "\"_class_name\": \"DPMSolverMultistepScheduler\"");
  }

  @Test
  void refusesAnOptionThatIsUnknown() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SampleSet.fromJson(set.toJson().replace("first_seed", "seed")))
        .withMessage(
            "Expected a sample set as this version writes it, found no value, or one of the wrong"
                + " kind, for \"first_seed\". Generate into another folder.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"network", "scheduler", "extractor"})
  void refusesAnOptionThatIsLeftOut(String option) {
    ObjectNode json = Json.object(Json.parse(set.toJson()));
    ObjectNode part = option.equals("scheduler") ? Json.object(json.get("sampling")) : json;
    part.putNull(option);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> SampleSet.fromJson(json.toString()))
        .withMessageStartingWith("Expected a network, a scheduler and an extractor, found ")
        .withMessageContaining("null")
        .withMessageEndingWith(". Name all three.");
  }

  @Test
  void refusesAnOptionThatIsThereTwice() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SampleSet.fromJson(set.toJson().replaceFirst("\\{", "{\"images\": 1,")))
        .withMessage(
            "Expected a sample set as this version writes it, found the name \"images\" twice."
                + " Generate into another folder.");
  }

  @Test
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aSampleSetIsReadOrRefused() throws Exception {
    MutationFuzz.run(
        IllegalArgumentException.class,
        bytes -> SampleSet.fromJson(new String(bytes, StandardCharsets.UTF_8)),
        set.toJson().getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void refusesTextThatIsNoJson() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SampleSet.fromJson("{\"images\": "))
        .withMessageStartingWith("Expected a sample set as this version writes it, found ");
  }

  @Test
  void refusesNoImages() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TinySamples.set(pipeline, 0, 64))
        .withMessage(
            "Expected at least 1 image, and shards of 1 image to 2 GiB, found 0 images of 8 x 8 pixels and 64 images per shard. Pass thousands per shard.");
  }

  @Test
  void refusesMoreShardsThanFileNames() {
    assertThat(TinySamples.set(pipeline, 100_000, 1).shards()).hasSize(100_000);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TinySamples.set(pipeline, 100_001, 1))
        .withMessage(
            "Expected at most 100000 shards, found 100001 images and 1 images per shard. Pass more images per shard.");
  }

  @ParameterizedTest
  @CsvSource({
    "'\"image_size\": 8', '\"image_size\": 2147483647', images of 1 to 4096 pixels a side",
    "'\"dimension\": 2', '\"dimension\": 2147483647', 1 to 8192 features",
    "'\"images\": 150', '\"images\": 9223372036854775807', at most 100000 shards"
  })
  void refusesNumbersThatNoMemoryHolds(String from, String to, String expected) {
    assertThat(set.toJson()).contains(from);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SampleSet.fromJson(set.toJson().replace(from, to)))
        .withMessageContaining(expected);
  }

  @Test
  void refusesMoreStepsThanTheSchedulerHas() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SampleSet.of(pipeline, TinySamples.EXTRACTOR, 1, 1, 1001))
        .withMessageContaining("1001");
  }

  @Test
  void refusesGuidanceForANetworkThatKnowsNoClassToLeaveOut() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                SampleSet.fromJson(
                    set.toJson()
                        .replace("\"null_class\": 3", "\"null_class\": null")
                        .replace("\"guidance_scale\": 1.0", "\"guidance_scale\": 2.0")))
        .withMessage(
            "Expected a network trained with label dropout for a guidance scale of 2.0, found one without a null class. Pass 1.");
  }

  @Test
  void refusesANetworkForColourImages() {
    DDPMPipeline colour =
        new DDPMPipeline(
            TinyModel.create(manager, 1, ", \"out_channels\": 3"), pipeline.scheduler());

    assertThatIllegalArgumentException()
        .isThrownBy(() -> TinySamples.set(colour, 1, 1))
        .withMessage(
            "Expected a network for grey images of a known size, found sample_size 8 and 3 channels. Use one trained on EMNIST.");
  }
}
