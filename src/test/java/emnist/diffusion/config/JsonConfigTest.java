package emnist.diffusion.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import emnist.diffusion.CapturedLog;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonConfigTest {

  private enum Colour {
    @JsonProperty("dark-red")
    DARK_RED,
    @JsonProperty("blue")
    BLUE
  }

  private record Paint(double layerThickness, boolean matt) {}

  private record Wall(
      int heightCm,
      long serial,
      Integer doors,
      double share,
      Colour colour,
      String owner,
      List<Integer> bricks,
      List<String> notes,
      Paint paint) {

    private Wall {
      if (heightCm < 1) {
        throw new IllegalArgumentException("Expected a wall.");
      }
    }
  }

  private static final JsonConfig<Wall> JSON =
      new JsonConfig<>(
          "Wall",
          Wall.class,
          """
          {
            "height_cm": 250,
            "serial": 7,
            "doors": 1,
            "share": 0.5,
            "colour": "blue",
            "owner": null,
            "bricks": [1, 2],
            "notes": ["a"],
            "paint": {"layer_thickness": 0.1, "matt": true}
          }
          """,
          "{\"windows\": [0, 1], \"roof\": null}");
  private static final Wall DEFAULTS = JSON.defaults();

  @Test
  void whatIsLeftOutHasItsDefault() {
    assertThat(JSON.fromJson("{}")).isEqualTo(DEFAULTS).isEqualTo(JSON.defaults());
  }

  @Test
  void readsEveryKindOfOptionUnderItsSnakeCaseName() {
    Wall wall =
        JSON.fromJson(
            """
            {"height_cm": 300, "serial": 12345678901, "doors": null, "share": -Infinity,
             "colour": "dark-red", "owner": "me", "bricks": [3], "notes": [],
             "paint": {"layer_thickness": 2}}
            """);

    assertThat(wall)
        .extracting(Wall::heightCm, Wall::serial, Wall::doors, Wall::share, Wall::colour)
        .containsExactly(300, 12345678901L, null, Double.NEGATIVE_INFINITY, Colour.DARK_RED);
    assertThat(wall)
        .extracting(Wall::owner, Wall::bricks, Wall::notes, Wall::paint)
        .containsExactly("me", List.of(3), List.of(), new Paint(2, true));
  }

  @Test
  void readsWhatItWrites() {
    Wall wall = JSON.with(DEFAULTS, "{\"share\": Infinity, \"colour\": \"dark-red\"}");

    assertThat(JSON.fromJson(JSON.toJson(wall))).isEqualTo(wall);
  }

  @Test
  void writesEveryOptionSortedBehindTheClass() {
    assertThat(JSON.toJson(DEFAULTS))
        .isEqualTo(
            """
            {
              "_class_name": "Wall",
              "_diffusers_version": "0.40.0",
              "bricks": [
                1,
                2
              ],
              "colour": "blue",
              "doors": 1,
              "height_cm": 250,
              "notes": [
                "a"
              ],
              "owner": null,
              "paint": {
                "layer_thickness": 0.1,
                "matt": true
              },
              "roof": null,
              "serial": 7,
              "share": 0.5,
              "windows": 0
            }
            """);
  }

  @Test
  void takesFromAnotherClassWhatBothHave() {
    String fence = "{\"_class_name\": \"Fence\", \"height_cm\": 90, \"gates\": 2}";
    assertThat(JSON.fromOther(fence, "{}")).isEqualTo(JSON.with(DEFAULTS, "{\"height_cm\": 90}"));
  }

  @Test
  void oneWarningNamesAllThatAFileHasBeyondTheOptions() {
    String log =
        CapturedLog.during(
            () ->
                assertThat(
                        JSON.fromJson(
                            """
                            {"_class_name": "Wall", "gates": 2, "height_cm": 90, "roof": null,
                             "hinges": {"left": 1}, "_name_or_path": "x"}
                            """))
                    .isEqualTo(JSON.fromJson("{\"height_cm\": 90}")));

    assertThat(log.lines())
        .singleElement(InstanceOfAssertFactories.STRING)
        .endsWith(
            "Wall of diffusers 0.40.0 has no option gates, hinges: read as what has replaced it, or else ignored.");
  }

  @Test
  void aFileIsStillRefusedForAValueThatIsNotSupported() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JSON.fromJson("{\"_class_name\": \"Wall\", \"windows\": 2}"))
        .withMessageStartingWith("Expected windows as one of [0, 1], found 2.");
  }

  @Test
  void saysNothingOfAFileThatHasOnlyOptions() {
    String file = JSON.toJson(DEFAULTS);

    assertThat(CapturedLog.during(() -> JSON.fromJson(file))).isEmpty();
  }

  @Test
  void readsAnOlderOptionAsTheOneThatReplacedItAndSaysSo() {
    JsonConfig<Wall> orOlder =
        new JsonConfig<>(
            "Wall",
            Wall.class,
            JSON.defaultsJson(),
            "{}",
            given -> {
              JsonNode feet = given.remove("height_feet");
              if (feet != null) {
                given.put("height_cm", 300);
              }
              return feet == null ? List.of() : List.of("height_feet");
            });

    String log =
        CapturedLog.during(
            () -> assertThat(orOlder.fromJson("{\"height_feet\": 10}").heightCm()).isEqualTo(300));

    assertThat(log).contains("has no option height_feet: read as");
    assertThat(CapturedLog.during(() -> orOlder.fromJson("{}"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "serial, 9223372036854775807",
    "serial, -9223372036854775808",
    "height_cm, 2147483647",
  })
  void takesTheLargestIntegers(String option, String value) {
    assertThat(JSON.toJson(JSON.fromJson("{\"%s\": %s}".formatted(option, value))))
        .contains("\"%s\": %s".formatted(option, value));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e309", "-1e309", "1e999999", "17976931348623157e293"})
  void refusesANumberTooLargeForADouble(String number) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JSON.fromJson("{\"paint\": {\"layer_thickness\": " + number + "}}"))
        .withMessage(
            "Expected a JSON object with options of Wall, found text that is none (the number %s at /paint/layer_thickness, which is beyond 1.7976931348623157E308). Check the file.",
            number);
  }

  @ParameterizedTest
  @CsvSource({"0.99, 1, 2", "2.01, 1, 2", "NaN, 1, 2", "Infinity, 1, 2", "-1e308, 0, 1"})
  void refusesANumberOutOfItsRange(double value, int least, int most) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JsonConfig.within("share", value, least, most))
        .withMessage(
            "Expected share from %s to %s, found %s. Change that option.", least, most, value);
  }

  @Test
  void takesTheEndsOfARange() {
    JsonConfig.within("share", 1, 1, 2);
    JsonConfig.within("share", 2.0, 1, 2);
    JsonConfig.within("share", null, 1, 2);
  }

  @Test
  void knowsTheClassOfAFile() {
    assertThat(JsonConfig.className("{\"_class_name\": \"Fence\"}")).isEqualTo("Fence");
    assertThat(JsonConfig.className("{}")).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "height_cm": 2.5          | Expected height_cm as an integer from -2147483648 to 2147483647, found 2.5. Change that option.
          "height_cm": "tall"       | Expected height_cm as an integer from -2147483648 to 2147483647, found "tall". Change that option.
          "height_cm": null         | Expected a value for height_cm, found null. Leave it out to use the default.
          "serial": 9223372036854775808 | Expected serial as an integer from -9223372036854775808 to 9223372036854775807, found 9223372036854775808. Change that option.
          "height_cm": 2147483648   | Expected height_cm as an integer from -2147483648 to 2147483647, found 2147483648. Change that option.
          "doors": -2147483649      | Expected doors as an integer from -2147483648 to 2147483647, found -2147483649. Change that option.
          "serial": 1e30            | Expected serial as an integer from -9223372036854775808 to 9223372036854775807, found 1.0E30. Change that option.
          "share": true             | Expected share as a number, found true. Change that option.
          "share": "half"           | Expected share as a number, found "half". Change that option.
          "colour": "red"           | Expected colour as one of [dark-red, blue], found "red". Change that option.
          "owner": 1                | Expected owner as a string, found 1. Change that option.
          "bricks": [1, "two"]      | Expected bricks as a list of integers from -2147483648 to 2147483647, found [1,"two"]. Change that option.
          "bricks": [1, null]       | Expected bricks as a list of integers from -2147483648 to 2147483647, found [1,null]. Change that option.
          "share": "NaN"            | Expected share as a number, found "NaN". Change that option.
          "colour": ""              | Expected colour as one of [dark-red, blue], found "". Change that option.
          "notes": "a"              | Expected notes as a list of strings, found "a". Change that option.
          "paint": 1                | Expected paint as an object, found 1. Change that option.
          "paint": {"matt": 1}      | Expected matt as true or false, found 1. Change that option.
          "windows": 2              | Expected windows as one of [0, 1], found 2. Leave it out: no other value is supported.
          "roof": "flat"            | Expected roof as one of [null], found "flat". Leave it out: no other value is supported.
          "height_cm": 0            | Expected a wall.
          "_class_name": "Fence"    | Expected _class_name "Wall", found "Fence". Load it as the class it was saved by.
          """)
  void refusesAnOptionByName(String option, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JSON.fromJson("{" + option + "}"))
        .withMessage(message);
  }

  @Test
  void refusesAnUnknownOptionAndListsTheKnownOnes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JSON.fromJson("{\"gates\": 2}"))
        .withMessage(
            "Expected options of Wall, found \"gates\". Remove it; the supported ones are"
                + " height_cm, serial, doors, share, colour, owner, bricks, notes, paint.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "null",
        "{\"a\":",
        "words",
        "{height_cm: 90}",
        "{\"height_cm\": 90} {}",
        "{\"height_cm\": 90, \"height_cm\": 91}"
      })
  void refusesATextThatIsNoObject(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JSON.fromJson(text))
        .withMessageMatching(
            "(?s)Expected a JSON object with options of Wall, found text that is none \\(.*\\)\\. Check the file\\.");
  }
}
