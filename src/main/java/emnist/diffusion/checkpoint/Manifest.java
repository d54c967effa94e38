package emnist.diffusion.checkpoint;

import emnist.diffusion.config.Json;
import emnist.diffusion.config.MalformedJson;
import emnist.diffusion.files.AtomicFiles;
import emnist.diffusion.files.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Size and SHA-256 of every file in a folder: {@code manifest.json}, which also carries a hash of
 * itself.
 *
 * @param files by path below the folder, with {@code /}
 * @param sha256 of {@code files} as compact JSON, in hexadecimal
 */
record Manifest(SortedMap<String, Fingerprint> files, String sha256) {

  static final String FILE = "manifest.json";

  Manifest(SortedMap<String, Fingerprint> files) {
    this(files, new Sha256().add(Json.writeCompact(files).getBytes(StandardCharsets.UTF_8)).hex());
  }

  /**
   * Reads the manifest of a folder, if it has one.
   *
   * @throws IllegalArgumentException if it is not as it was written
   */
  static Optional<Manifest> read(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      String text = Json.text(file);
      Manifest manifest = Json.read(text, Manifest.class);
      // Written again it must be the same: so no byte of it can differ unnoticed.
      if (new Manifest(manifest.files()).text().equals(text)) {
        return Optional.of(manifest);
      }
    } catch (MalformedJson e) {
      // Not as it was written.
    }
    throw new IllegalArgumentException(
        "Expected %s as it was written, found it changed. Copy or download the folder again."
            .formatted(file));
  }

  /** The manifest of the folder without one of its files. */
  Manifest without(String name) {
    SortedMap<String, Fingerprint> others = new TreeMap<>(files);
    others.remove(name);
    return new Manifest(others);
  }

  /** Writes the manifest into its folder, replacing the one that is there. */
  void write(Path folder) throws IOException {
    AtomicFiles.writeFile(folder.resolve(FILE), this::writeFile);
  }

  /** Writes the manifest into a folder that is itself still being written. */
  void writeNew(Path folder) throws IOException {
    writeFile(folder.resolve(FILE));
  }

  private void writeFile(Path file) throws IOException {
    Files.writeString(file, text());
  }

  private String text() {
    return Json.write(this) + "\n";
  }

  /** The files below a path, itself included. */
  List<String> below(String path) {
    return files.keySet().stream()
        .filter(name -> name.equals(path) || name.startsWith(path + "/"))
        .toList();
  }

  /**
   * Compares a file with what it must be.
   *
   * @throws IllegalArgumentException if it is missing or differs
   */
  void verify(Path folder, String name) throws IOException {
    Path file = folder.resolve(name);
    Fingerprint expected = files.get(name);
    if (!Files.isRegularFile(file)) {
      throw missing(file);
    }
    if (Files.size(file) != expected.bytes()) {
      throw damaged(expected.bytes() + " bytes", file, Files.size(file));
    }
    String found = Sha256.of(file);
    if (!found.equals(expected.sha256())) {
      throw damaged("SHA-256 " + expected.sha256(), file, found);
    }
  }

  static IllegalArgumentException missing(Path file) {
    return new IllegalArgumentException(
        "Expected a file %s, found none. Copy the whole folder of the epoch.".formatted(file));
  }

  private static IllegalArgumentException damaged(String expected, Path file, Object found) {
    return new IllegalArgumentException(
        "Expected %s in %s, found %s. Copy or download the folder again."
            .formatted(expected, file, found));
  }
}
