package emnist.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingConfigTest {

  @Test
  void theTypedMethodsChangeTheirSetting() {
    assertThat(
            TrainingConfig.fromJson("{}")
                .withNumEpochs(2)
                .withTrainBatchSize(3)
                .withLearningRate(1e-3)
                .withLrWarmupSteps(5)
                .withLabelDropout(0.1)
                .withSeed(Long.MAX_VALUE))
        .isEqualTo(
            TrainingConfig.fromJson(
                """
                {"num_epochs": 2, "train_batch_size": 3, "learning_rate": 1e-3,
                 "lr_warmup_steps": 5, "label_dropout": 0.1, "seed": 9223372036854775807}
                """));
  }

  private static final TrainingConfig DEFAULTS = TrainingConfig.fromJson("{}");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "num_epochs": 0 | Expected num_epochs from 1 to 1000000000, found 0. Change that option.
          "num_epochs": 2147483647 | Expected num_epochs from 1 to 1000000000, found 2147483647. Change that option.
          "train_batch_size": 0 | Expected train_batch_size from 1 to 1000000, found 0. Change that option.
          "train_batch_size": 2147483647 | Expected train_batch_size from 1 to 1000000, found 2147483647. Change that option.
          "gradient_accumulation_steps": 0 | Expected gradient_accumulation_steps from 1 to 1000000, found 0. Change that option.
          "checkpoints_total_limit": 0 | Expected checkpoints_total_limit from 1 to 1000000, found 0. Change that option.
          "keep_every_epochs": -1 | Expected keep_every_epochs from 1 to 1000000, found -1. Change that option.
          "learning_rate": 0 | Expected learning_rate from 1.0E-30 to 1000, found 0.0. Change that option.
          "learning_rate": Infinity | Expected learning_rate from 1.0E-30 to 1000, found Infinity. Change that option.
          "lr_warmup_steps": -1 | Expected lr_warmup_steps from 0 to 2147483647, found -1. Change that option.
          "max_grad_norm": 0 | Expected max_grad_norm from 1.0E-30 to Infinity, found 0.0. Change that option.
          "snr_gamma": 0 | Expected snr_gamma from 1.0E-30 to 1.0E30, found 0.0. Change that option.
          "snr_gamma": Infinity | Expected snr_gamma from 1.0E-30 to 1.0E30, found Infinity. Change that option.
          "label_dropout": 1 | Expected label_dropout from 0 to 0.99, found 1.0. Change that option.
          "label_dropout": -0.1 | Expected label_dropout from 0 to 0.99, found -0.1. Change that option.
          "mixed_precision": "fp16" | Expected mixed_precision as one of [no, bf16], found "fp16". Change that option.
          "lr_scheduler": "polynomial" | Expected lr_scheduler as one of [constant, constant_with_warmup, linear, cosine], found "polynomial". Change that option.
          "ema": {"decay": 2}   | Expected decay and min_decay in [0, 1], found 2.0 and 0.0. diffusers' defaults are 0.9999 and 0.
          "ema": 0.999          | Expected ema as an object, found 0.999. Change that option.
          "ema": {"halflife": 5} | Expected options of TrainingConfig, found "halflife". Remove it; the supported ones are decay, min_decay, update_after_step, use_ema_warmup, inv_gamma, power.
          """)
  void refusesASettingOutOfRangeByName(String setting, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TrainingConfig.fromJson("{" + setting + "}"))
        .withMessage(message);
  }

  @Test
  void refusesAnUnknownSettingAndListsTheKnownOnes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TrainingConfig.fromJson("{\"batch_size\": 8}"))
        .withMessageStartingWith(
            "Expected options of TrainingConfig, found \"batch_size\". Remove it; the supported ones are num_epochs,");
  }

  @Test
  void takesAnInfiniteNormForNoClipping() {
    assertThat(DEFAULTS.with("{\"max_grad_norm\": Infinity}").maxGradNorm()).isInfinite();
  }

  @Test
  void changesOneSettingAlone() {
    TrainingConfig changed = DEFAULTS.with("{\"ema\": {\"decay\": 0.5}, \"snr_gamma\": 5}");

    assertThat(changed.ema().decay()).isEqualTo(0.5);
    assertThat(changed.snrGamma()).isEqualTo(5);
    assertThat(changed.with("{\"ema\": {\"decay\": 0.9999}, \"snr_gamma\": null}"))
        .isEqualTo(DEFAULTS);
  }

  @Test
  void readsWhatItWrites() {
    TrainingConfig config =
        DEFAULTS.with(
            "{\"seed\": 123456789012, \"label_dropout\": 0.1, \"adamw\": {\"amsgrad\": true}}");

    assertThat(TrainingConfig.fromJson(config.toJson().toString())).isEqualTo(config);
  }
}
