package emnist.diffusion.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import emnist.diffusion.checkpoint.RunRecord.RunPosition;
import emnist.diffusion.config.Json;
import emnist.diffusion.config.MalformedJson;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunRecordTest {

  private static final String STARTED = "2026-01-02T03:04:05.678901Z";

  /** As the version before this record wrote it, with Gson. */
  private static final String OF_AN_EPOCH =
      """
      {
        "training": {
          "num_epochs": 3,
          "learning_rate": 1.0E-4,
          "keep_every_epochs": null,
          "label_dropout": 0.25
        },
        "unet": {
          "block_out_channels": [
            8,
            16
          ]
        },
        "scheduler": {
          "sample_max_value": 1.0
        },
        "dataset": {
          "images": 20,
          "sha256": "abc",
          "classNames": [
            "A < B",
            "ğ"
          ],
          "source": "letters"
        },
        "versions": {
          "java": "17.0.9",
          "pytorch": "2.7.1",
          "device": "cpu()"
        },
        "started": "%s",
        "epoch": 2,
        "batch": 5,
        "loss_curve": {
          "points": [
            {
              "step": 10,
              "loss": 0.123456789,
              "learningRate": 1.0E-5,
              "gradNorm": 0.30000001192092896,
              "quarters": [
                0.25,
                null,
                0.5,
                0.125
              ]
            }
          ],
          "sum": 0.33,
          "losses": 3,
          "epochSum": 1.5,
          "epochLosses": 5,
          "quarterSums": [
            0.5,
            0.25,
            0.0,
            0.0,
            2.0,
            1.0,
            0.0,
            0.0
          ]
        },
        "loss": 0.5
      }
      """
          .formatted(STARTED);

  @Test
  void readsEveryValue() {
    RunRecord run = RunRecord.fromJson(OF_AN_EPOCH);

    assertThat(run.position()).isEqualTo(new RunPosition(Instant.parse(STARTED), 2, 5));
    assertThat(run.settings().training().get("num_epochs").intValue()).isEqualTo(3);
    assertThat(run.settings().labelDropout()).isEqualTo(0.25);
    assertThat(run.settings().dataset().classNames()).containsExactly("A < B", "ğ");
    assertThat(run.versions().device()).isEqualTo("cpu()");
    assertThat(run.lossCurve().points())
        .containsExactly(
            new LossHistory.Point(
                10, 0.123456789, 1e-5, 0.3f, Arrays.asList(0.25, null, 0.5, 0.125)));
    assertThat(run.lossCurve().sum()).isEqualTo(0.33f);
    assertThat(run.loss()).isEqualTo(0.5);
    assertThat(run.interrupted()).isFalse();
  }

  @Test
  void writesWhatItHasReadToTheByte() {
    assertThat(RunRecord.fromJson(OF_AN_EPOCH).toJson()).isEqualTo(OF_AN_EPOCH);
  }

  @Test
  void saysWhetherTheRunWasInterrupted() {
    String json = OF_AN_EPOCH.replace("\"loss\": 0.5", "\"interrupted\": true");

    RunRecord run = RunRecord.fromJson(json);

    assertThat(run.interrupted()).isTrue();
    assertThat(run.loss()).isNull();
    assertThat(run.toJson()).isEqualTo(json);
  }

  @Test
  void whatIsMissingCountsAsTheLeast() {
    RunRecord run = RunRecord.fromJson("{}");

    assertThat(run.position()).isEqualTo(new RunPosition(Instant.EPOCH, 0, 0));
    assertThat(run.settings().labelDropout()).isZero();
    assertThat(run.loss()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "epoch": 2          | "epoch": "2"     | epoch
          "epoch": 2          | "epoch": 2.5     | epoch
          "batch": 5          | "batch": null    | batch
          "2026-01-02T03      | "2026-13-02T03   | started
          "loss": 0.5         | "loss": "0.5"    | loss
          "images": 20        | "images": "20"   | images
          "sum": 0.33         | "sum": "0.33"    | sum
          "label_dropout": 0. | "label_dropout": "0.25", "a": 0. | label_dropout
          "loss": 0.5         | "interrupted": 1 | interrupted
          """)
  void refusesAValueOfTheWrongTypeByName(String right, String wrong, String name) {
    assertThat(OF_AN_EPOCH).contains(right);
    assertThatThrownBy(() -> RunRecord.fromJson(OF_AN_EPOCH.replace(right, wrong)))
        .isInstanceOf(MalformedJson.class)
        .hasMessageContaining(name);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "epoch": 2          | "epoch": -5        | -5 as "epoch"
          "epoch": 2          | "epoch": 4         | 4 as "epoch"
          "batch": 5          | "batch": -1        | -1 as "batch"
          "batch": 5          | "batch": 1000000   | 1000000 as "batch"
          "batch": 5          | "batch": 3         | 3 as "batch"
          "images": 20        | "images": 0        | 0 as "images"
          "num_epochs": 3     | "num_epochs": 0    | 0 as "num_epochs"
          "loss": 0.5         | "loss": Infinity   | Infinity as "loss"
          "loss": 0.5         | "loss": 1e309      | 1e309 at /loss
          "2026-01-02T03      | "-2026-01-02T03    | as "started"
          "2026-01-02T03      | "+12026-01-02T03   | as "started"
          "sum": 0.33         | "sum": 1e39        | number as "loss_curve"
          "losses": 3         | "losses": -3       | number as "loss_curve"
          "quarterSums": [    | "quarterSums": [1, | number as "loss_curve"
          "quarters": [       | "quarters": [1,    | number as "loss_curve"
          """)
  void refusesWhatNoRunReaches(String right, String wrong, String found) {
    String json =
        OF_AN_EPOCH.replace(
            "\"num_epochs\": 3,",
            "\"num_epochs\": 3, \"train_batch_size\": 4, \"gradient_accumulation_steps\": 2,");
    assertThat(RunRecord.fromJson(json).position().batch()).isEqualTo(5);

    assertThatThrownBy(() -> RunRecord.fromJson(json.replace(right, wrong)))
        .isInstanceOf(MalformedJson.class)
        .hasMessageContaining(found);
  }

  @Test
  void whateverAValueIsItIsReadOrRefused() {
    JsonNode whole = Json.parse(OF_AN_EPOCH);
    int read = 0;
    int refused = 0;
    for (JsonPointer place : places(JsonPointer.empty(), whole)) {
      for (String value : VALUES) {
        String json = with(whole, place, Json.parse(value)).toString();
        try {
          RunRecord run = RunRecord.fromJson(json);
          assertThat(run.position().epoch()).as(json).isBetween(0, 1_000_000_000);
          assertThat(run.position().batch()).as(json).isBetween(0, 1_000_000_000);
          assertThat(run.settings().labelDropout()).as(json).isFinite();
          assertThat(RunRecord.fromJson(run.toJson())).isEqualTo(run);
          read++;
        } catch (MalformedJson e) {
          refused++;
        }
      }
    }
    assertThat(List.of(read, refused)).allMatch(count -> count > 100);
  }

  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "0",
          "-1",
          "2.5",
          "1000000000",
          "99999999999999999999",
          "1e308",
          "-Infinity",
          "\"text\"",
          "\"\"",
          "[]",
          "[null]",
          "[[1]]",
          "{}",
          "{\"a\": null}");

  private static List<JsonPointer> places(JsonPointer place, JsonNode value) {
    List<JsonPointer> places = new ArrayList<>();
    value
        .properties()
        .forEach(
            member ->
                places.addAll(places(place.appendProperty(member.getKey()), member.getValue())));
    for (int i = 0; value.isArray() && i < value.size(); i++) {
      places.addAll(places(place.appendIndex(i), value.get(i)));
    }
    if (!place.matches()) {
      places.add(place);
    }
    return places;
  }

  private static JsonNode with(JsonNode whole, JsonPointer place, JsonNode value) {
    JsonNode copy = whole.deepCopy();
    JsonNode parent = copy.at(place.head());
    if (parent instanceof ObjectNode object) {
      object.set(place.last().getMatchingProperty(), value);
    } else {
      ((ArrayNode) parent).set(place.last().getMatchingIndex(), value);
    }
    return copy;
  }
}
