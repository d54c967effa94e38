package emnist.diffusion.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.gson.Gson;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        " \t\r\n{ \"a\" : [ 1 , -0.5e+3 , 0 , 1E2 ] } ",
        "[true, false, null, \"\", \"ü😀\"]",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00fC\\ud83d\\ude00\"",
        "12345678901234567890"
      })
  void readsWhatIsJson(String text) {
    assertThat(new Gson().fromJson(Json.writeCompact(Json.parse(text)), Object.class))
        .isEqualTo(new Gson().fromJson(text, Object.class));
  }

  @Test
  void keepsTheOrderOfNames() {
    assertThat(Json.writeCompact(Json.parse("{\"b\": 1, \"a\": 2}")))
        .isEqualTo("{\"b\":1,\"a\":2}");
  }

  @Test
  void readsAndWritesThePythonWordsForNumbersWithoutEnd() {
    assertThat(Json.parse("Infinity").doubleValue()).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(Json.parse("-Infinity").doubleValue()).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(Json.writeCompact(Json.parse("[Infinity, -Infinity]")))
        .isEqualTo("[Infinity,-Infinity]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ``                  | an early end
          {"a":               | an early end
          "a                  | an early end
          "\\                 | an early end
          [1                  | an early end
          {} {}               | an error at line 1 column 4
          {};                 | an error at line 1 column 3
          nullx               | an error at line 1 column 1
          {a: 1}              | an error at line 1 column 2
          {'a': 1}            | an error at line 1 column 2
          {"a" = 1}           | an error at line 1 column 6
          {"a" 1}             | an error at line 1 column 6
          {"a": 1,}           | an error at line 1 column 9
          {"a": 1; "b": 2}    | an error at line 1 column 8
          [1,]                | an error at line 1 column 4
          [,1]                | an error at line 1 column 2
          [1 2]               | an error at line 1 column 4
          [1}                 | an error at line 1 column 3
          // words            | an error at line 1 column 1
          NaN                 | the word NaN instead of a number
          True                | an error at line 1 column 1
          01                  | an error at line 1 column 2
          +1                  | an error at line 1 column 2
          .5                  | an error at line 1 column 1
          1.                  | an error at line 1 column 2
          0x10                | an error at line 1 column 2
          1e                  | an early end
          -                   | an early end
          "\\x"               | an error at line 1 column 3
          "\\u00g0"           | an error at line 1 column 6
          "\\ud83d"           | half a character in a string
          {"a": 1, "a": 1}    | the name "a" twice
          {"a": 1, "\\u0061":2} | the name "a" twice
          """)
  void refusesWhatOnlyLooksLikeJson(String text, String words) {
    refuses(text, words);
  }

  @Test
  void refusesALineBreakInAString() {
    refuses("\"a\nb\"", "an error at line 1 column 3");
  }

  @Test
  void refusesAByteOrderMark() {
    refuses("\ufeff{}", "a byte order mark");
  }

  @Test
  void refusesACharacterZeroBehindTheEnd() {
    refuses("{}\0", "an error at line 1 column 4");
  }

  @Test
  void readsAHundredValuesInsideEachOther() {
    assertThat(Json.parse("[".repeat(101) + "]".repeat(101)).isArray()).isTrue();
  }

  @Test
  void refusesMoreValuesInsideEachOther() {
    refuses("[".repeat(1_000_000), "a string or number too long, or too many levels");
  }

  @Test
  void refusesANumberOfMoreDigitsThanAnyoneWrites() {
    refuses("1".repeat(101), "a string or number too long, or too many levels");
  }

  @Test
  void refusesAFileThatIsNoUtf8() throws Exception {
    Path file = Files.write(folder.resolve("a.json"), new byte[] {'"', (byte) 0xfc, '"'});

    assertThatExceptionOfType(MalformedJson.class)
        .isThrownBy(() -> Json.parse(file))
        .withMessage("bytes that are not UTF-8");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          1.0                  | 1.0 instead of an integer
          1e3                  | 1000.0 instead of an integer
          "1"                  | "1" instead of an integer
          null                 | null instead of an integer
          []                   | an array instead of an integer
          {}                   | an object instead of an integer
          9223372036854775808  | 9223372036854775808 instead of an integer of 64 bits
          """)
  void refusesWhatIsNoInteger(String text, String words) {
    JsonNode element = Json.parse(text);

    assertThatExceptionOfType(MalformedJson.class)
        .isThrownBy(() -> Json.integer(element))
        .withMessage(words);
  }

  @Test
  void refusesAnObjectThatIsNotThere() {
    assertThatExceptionOfType(MalformedJson.class)
        .isThrownBy(() -> Json.object(null))
        .withMessage("nothing instead of an object");
  }

  @Test
  void quotesNoMoreThanTheBeginningOfALongText() {
    JsonNode element = Json.parse("\"" + "a".repeat(1000) + "\"");

    assertThatExceptionOfType(MalformedJson.class)
        .isThrownBy(() -> Json.elements(element))
        .withMessage("\"" + "a".repeat(79) + "... instead of an array");
  }

  private record Ball(int sizeCm, Double weight, List<String> colours) {}

  @Test
  void writesARecordAsPythonIndentsIt() {
    assertThat(
            Json.write(
                List.of(new Ball(3, Double.NEGATIVE_INFINITY, List.of()), List.of("<ü=\u001f"))))
        .isEqualTo(
            """
            [
              {
                "size_cm": 3,
                "weight": -Infinity,
                "colours": []
              },
              [
                "<ü=\\u001f"
              ]
            ]\
            """);
    assertThat(Json.write(Map.of())).isEqualTo("{}");
  }

  @Test
  void readsARecord() {
    assertThat(Json.read("{\"size_cm\": 3, \"colours\": [\"red\"]}", Ball.class))
        .isEqualTo(new Ball(3, null, List.of("red")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"size_cm": 3.0}                   | no value, or one of the wrong kind, for "size_cm"
          {"size_cm": "3"}                   | no value, or one of the wrong kind, for "size_cm"
          {"size_cm": null}                  | no value, or one of the wrong kind, for "size_cm"
          {}                                 | no value, or one of the wrong kind, for "size_cm"
          {"size_cm": 3, "weight": "4"}      | no value, or one of the wrong kind, for "weight"
          {"size_cm": 3, "colours": [1]}     | no value, or one of the wrong kind, for "colours"
          {"size_cm": 3, "colours": "red"}   | no value, or one of the wrong kind, for "colours"
          {"size_cm": 3, "sizeCm": 3}        | the unknown name "sizeCm"
          []                                 | an array instead of an object
          """)
  void refusesWhatIsNoSuchRecord(String text, String words) {
    assertThatExceptionOfType(MalformedJson.class)
        .isThrownBy(() -> Json.read(text, Ball.class))
        .withMessage(words);
  }

  private static void refuses(String text, String words) {
    assertThatExceptionOfType(MalformedJson.class)
        .isThrownBy(() -> Json.parse(text))
        .withMessage(words);
  }
}
