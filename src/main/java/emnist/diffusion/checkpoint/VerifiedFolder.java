package emnist.diffusion.checkpoint;

import emnist.diffusion.config.Json;
import emnist.diffusion.config.MalformedJson;
import emnist.diffusion.files.AtomicFiles;
import emnist.diffusion.files.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The files of a checkpoint, each compared with {@code manifest.json} before it is read. A folder
 * that Python has written has no manifest, and its files are read as they are.
 *
 * @param ownFile a file that only folders with a manifest have
 */
record VerifiedFolder(Path folder, String ownFile) {

  private static final String MANIFEST = "manifest.json";

  /**
   * Size and SHA-256 of every other file in a folder.
   *
   * @param files by path below the folder, with {@code /}
   * @param sha256 of {@code files} as compact JSON, in hexadecimal
   */
  private record Manifest(SortedMap<String, Fingerprint> files, String sha256) {

    static String text(SortedMap<String, Fingerprint> files) {
      byte[] json = Json.writeCompact(files).getBytes(StandardCharsets.UTF_8);
      return Json.write(new Manifest(files, new Sha256().add(json).hex())) + "\n";
    }
  }

  /** Writes the manifest of a folder, replacing the one that is there. */
  static void writeManifest(Path folder, SortedMap<String, Fingerprint> files) throws IOException {
    AtomicFiles.writeFile(
        folder.resolve(MANIFEST), file -> Files.writeString(file, Manifest.text(files)));
  }

  /** Whether there is a manifest; refuses a folder of this project's without one. */
  boolean hasManifest() {
    if (Files.exists(folder.resolve(ownFile))) {
      existing(MANIFEST);
    }
    return Files.exists(folder.resolve(MANIFEST));
  }

  /** The fingerprints in the manifest, which must be there and undamaged. */
  private SortedMap<String, Fingerprint> manifest() throws IOException {
    Path file = existing(MANIFEST);
    try {
      String text = Json.text(file);
      SortedMap<String, Fingerprint> files = Json.read(text, Manifest.class).files();
      // Written again it must be the same: so no byte of it can differ unnoticed.
      if (files != null && Manifest.text(files).equals(text)) {
        return files;
      }
    } catch (MalformedJson e) {
      // Not as it was written.
    }
    throw new IllegalArgumentException(
        "Expected %s as it was written, found it changed. Copy or download the folder again."
            .formatted(file));
  }

  /** Deletes a file, if it is there; from then on the folder is complete without it. */
  void delete(String name) throws IOException {
    if (Files.exists(folder.resolve(name))) {
      SortedMap<String, Fingerprint> others = manifest();
      others.remove(name);
      writeManifest(folder, others);
      Files.delete(folder.resolve(name));
    }
  }

  /**
   * Compares every file with the manifest.
   *
   * @return the names in the manifest
   * @throws IllegalArgumentException if a file or the manifest is missing or differs, naming it
   */
  Set<String> verify() throws IOException {
    return verify(name -> true);
  }

  /** A file or folder to read, once it is compared with the manifest, if there is one. */
  Path resolve(String name) throws IOException {
    if (hasManifest()) {
      verify(file -> file.equals(name) || file.startsWith(name + "/"));
    }
    return folder.resolve(name);
  }

  private Set<String> verify(Predicate<String> isWanted) throws IOException {
    SortedMap<String, Fingerprint> files = manifest();
    files.keySet().removeIf(isWanted.negate());
    for (String name : files.keySet()) {
      Path file = existing(name);
      Fingerprint expected = files.get(name);
      if (Files.size(file) != expected.bytes()) {
        throw damaged(expected.bytes() + " bytes", file, Files.size(file));
      }
      String found = Sha256.of(file);
      if (!found.equals(expected.sha256())) {
        throw damaged("SHA-256 " + expected.sha256(), file, found);
      }
    }
    return files.keySet();
  }

  /** What a parser makes of a file, refused if missing, damaged or not the expected JSON. */
  <T> T read(String name, Function<String, T> parser) throws IOException {
    resolve(name);
    Path file = existing(name);
    try {
      return parser.apply(Json.text(file));
    } catch (MalformedJson e) {
      throw new IllegalArgumentException(
          "Expected JSON in %s, found %s. Copy the complete folder of the epoch."
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private Path existing(String name) {
    Path file = folder.resolve(name);
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "Expected a file %s, found none. Copy the complete folder of the epoch.".formatted(file));
    }
    return file;
  }

  private static IllegalArgumentException damaged(String expected, Path file, Object found) {
    return new IllegalArgumentException(
        "Expected %s in %s, found %s. Copy or download the folder again."
            .formatted(expected, file, found));
  }
}
