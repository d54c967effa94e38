package emnist.diffusion.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the labels of a file mean: label {@code firstLabel + i} is class {@code i}, named {@code
 * names.get(i)}.
 *
 * @param firstLabel the lowest label in the file: 1 in EMNIST letters, 0 elsewhere
 * @param names one name per class, all different
 */
public record ClassMapping(int firstLabel, List<String> names) {

  /** EMNIST's longest mapping has 62 lines of about ten characters. */
  private static final int MAX_BYTES = 1 << 16;

  public ClassMapping {
    names = List.copyOf(names);
    if (firstLabel < 0 || names.isEmpty() || firstLabel + names.size() > 256) {
      throw new IllegalArgumentException(
          "Expected labels between 0 and 255, found %s classes from label %s on. Pass at least one name and a first label of 0 or 1."
              .formatted(names.size(), firstLabel));
    }
    if (new HashSet<>(names).size() < names.size()) {
      throw new IllegalArgumentException(
          "Expected a different name for each class, found %s. Name each class once."
              .formatted(names));
    }
  }

  /** One class per character, for example {@code ofCharacters(0, "0123456789")}. */
  public static ClassMapping ofCharacters(int firstLabel, String characters) {
    return new ClassMapping(firstLabel, characters.chars().mapToObj(Character::toString).toList());
  }

  /**
   * Reads an EMNIST mapping file: one line {@code label code [code]} per class, with labels
   * increasing by one and codes in ASCII. The first code names the class: for letters the capital.
   *
   * @throws IOException if the file cannot be read or a line has a different form
   */
  public static ClassMapping read(Path file) throws IOException {
    return read(DataFile.of(file));
  }

  static ClassMapping read(DataFile file) throws IOException {
    List<String> names = new ArrayList<>();
    int firstLabel = 0;
    for (String line : lines(file)) {
      if (!line.matches("\\d{1,3}( +\\d{1,3}){1,2}")) {
        throw unexpected(file, "\"label code\"", "\"" + line + "\"");
      }
      String[] words = line.split(" +");
      int label = Integer.parseInt(words[0]);
      firstLabel = names.isEmpty() ? label : firstLabel;
      if (label != firstLabel + names.size()) {
        throw unexpected(file, "label " + (firstLabel + names.size()), "\"" + line + "\"");
      }
      names.add(Character.toString(Integer.parseInt(words[1])));
    }
    try {
      return new ClassMapping(firstLabel, names);
    } catch (IllegalArgumentException e) {
      throw new IOException("%s (in %s)".formatted(e.getMessage(), file.label()), e);
    }
  }

  private static List<String> lines(DataFile file) throws IOException {
    try (InputStream in = file.open()) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw unexpected(file, "at most %s bytes".formatted(MAX_BYTES), "\"more\"");
      }
      Stream<String> lines = new String(bytes, StandardCharsets.ISO_8859_1).lines();
      return lines.map(String::strip).filter(line -> !line.isEmpty()).toList();
    }
  }

  static IOException unexpected(DataFile file, String expected, String found) {
    return new IOException(
        "Expected %s in %s, found %s. Restore the file or remove it: without it the split's own names are used."
            .formatted(expected, file.label(), found));
  }
}
