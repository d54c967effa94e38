package emnist.diffusion.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StrictJsonTest {

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
    assertThat(StrictJson.parse(text)).isEqualTo(JsonParser.parseString(text));
  }

  @Test
  void keepsTheOrderOfNames() {
    assertThat(StrictJson.object(StrictJson.parse("{\"b\": 1, \"a\": 2}")).keySet())
        .containsExactly("b", "a");
  }

  @Test
  void keepsANumberAsItIsWritten() {
    assertThat(StrictJson.parse("1.50e1").getAsString()).isEqualTo("1.50e1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Infinity", "-Infinity"})
  void readsThePythonWordForANumberWithoutEndAsAString(String word) {
    assertThat(StrictJson.parse(word)).isEqualTo(new JsonPrimitive(word));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ``                  | an early end
          {"a":               | an early end
          "a                  | an error at line 1 column 3
          "\\                 | an error at line 1 column 3
          [1                  | an early end
          {} {}               | an error at line 1 column 5
          {};                 | an error at line 1 column 4
          nullx               | an error at line 1 column 1
          {a: 1}              | an error at line 1 column 3
          {'a': 1}            | an error at line 1 column 3
          {"a" = 1}           | an error at line 1 column 7
          {"a" 1}             | an error at line 1 column 7
          {"a": 1,}           | an error at line 1 column 10
          {"a": 1; "b": 2}    | an error at line 1 column 7
          [1,]                | an error at line 1 column 5
          [,1]                | an error at line 1 column 3
          [1 2]               | an error at line 1 column 5
          [1}                 | an error at line 1 column 4
          // words            | an error at line 1 column 2
          NaN                 | an error at line 1 column 1
          True                | an error at line 1 column 1
          01                  | an error at line 1 column 1
          +1                  | an error at line 1 column 1
          .5                  | an error at line 1 column 1
          1.                  | an error at line 1 column 1
          0x10                | an error at line 1 column 1
          1e                  | an error at line 1 column 1
          -                   | an error at line 1 column 1
          "\\x"               | an error at line 1 column 4
          "\\u00g0"           | an error at line 1 column 4
          "\\ud83d"           | half a character in a string
          {"a": 1, "a": 1}    | the name "a" twice
          {"a": 1, "\\u0061":2} | the name "a" twice
          """)
  void refusesWhatOnlyLooksLikeJson(String text, String words) {
    refuses(text, words);
  }

  @Test
  void refusesALineBreakInAString() {
    refuses("\"a\nb\"", "an error at line 1 column 2");
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
    assertThat(StrictJson.parse("[".repeat(101) + "]".repeat(101)).isJsonArray()).isTrue();
  }

  @Test
  void refusesMoreValuesInsideEachOther() {
    refuses("[".repeat(1_000_000), "an error at line 1 column 103");
  }

  @Test
  void refusesANumberOfMoreDigitsThanAnyoneWrites() {
    refuses("1".repeat(101), "a number of 101 characters");
  }

  @Test
  void refusesAFileThatIsNoUtf8() throws Exception {
    Path file = Files.write(folder.resolve("a.json"), new byte[] {'"', (byte) 0xfc, '"'});

    assertThatExceptionOfType(JsonParseException.class)
        .isThrownBy(() -> StrictJson.parse(file))
        .withMessage("bytes that are no UTF-8");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          1.0                  | 1.0 instead of an integer
          1e3                  | 1e3 instead of an integer
          "1"                  | "1" instead of an integer
          null                 | null instead of an integer
          []                   | an array instead of an integer
          {}                   | an object instead of an integer
          9223372036854775808  | 9223372036854775808 instead of an integer of 64 bits
          """)
  void refusesWhatIsNoInteger(String text, String words) {
    JsonElement element = StrictJson.parse(text);

    assertThatExceptionOfType(JsonParseException.class)
        .isThrownBy(() -> StrictJson.integer(element))
        .withMessage(words);
  }

  @Test
  void refusesAnObjectThatIsNotThere() {
    assertThatExceptionOfType(JsonParseException.class)
        .isThrownBy(() -> StrictJson.object(null))
        .withMessage("nothing instead of an object");
  }

  @Test
  void quotesNoMoreThanTheBeginningOfALongText() {
    JsonElement element = StrictJson.parse("\"" + "a".repeat(1000) + "\"");

    assertThatExceptionOfType(JsonParseException.class)
        .isThrownBy(() -> StrictJson.array(element))
        .withMessage("\"" + "a".repeat(79) + "... instead of an array");
  }

  private static void refuses(String text, String words) {
    assertThatExceptionOfType(JsonParseException.class)
        .isThrownBy(() -> StrictJson.parse(text))
        .withMessage(words);
  }
}
