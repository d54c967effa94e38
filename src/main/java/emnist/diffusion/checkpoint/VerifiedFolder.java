package emnist.diffusion.checkpoint;

import emnist.diffusion.config.Json;
import emnist.diffusion.config.MalformedJson;
import emnist.diffusion.files.AtomicFiles;
import emnist.diffusion.files.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The files of a checkpoint, each compared with {@code manifest.json} before it is first read. A
 * folder that Python has written has no manifest, and its files are read as they are.
 *
 * <p>The manifest is read again only if it was written since, and so is a file hashed.
 */
final class VerifiedFolder {

  private static final String MANIFEST = "manifest.json";

  private final Path folder;
  private final String ownFile;
  private final Map<String, Version> verified = new HashMap<>();
  private Manifest manifest;
  private Version manifestVersion;

  /** What tells a file from one that was written since. */
  private record Version(long bytes, FileTime modified, Object key) {

    /** Of a file; null if there is none. */
    static Version of(Path file) throws IOException {
      if (!Files.exists(file)) {
        return null;
      }
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return new Version(now.size(), now.lastModifiedTime(), now.fileKey());
    }
  }

  /**
   * Size and SHA-256 of every other file in a folder.
   *
   * @param files by path below the folder, with {@code /}
   * @param sha256 of {@code files} as compact JSON, in hexadecimal
   */
  private record Manifest(SortedMap<String, Fingerprint> files, String sha256) {

    Manifest {
      if (files == null || files.containsValue(null)) {
        throw new MalformedJson("a file without size and SHA-256");
      }
    }

    static Manifest of(SortedMap<String, Fingerprint> files) {
      byte[] json = Json.writeCompact(files).getBytes(StandardCharsets.UTF_8);
      return new Manifest(files, new Sha256().add(json).hex());
    }

    String text() {
      return Json.write(this) + "\n";
    }
  }

  /**
   * A folder; nothing is read yet.
   *
   * @param ownFile a file that only folders with a manifest have
   */
  VerifiedFolder(Path folder, String ownFile) {
    this.folder = folder;
    this.ownFile = ownFile;
  }

  /** Writes the manifest of a folder, replacing the one that is there. */
  static void writeManifest(Path folder, SortedMap<String, Fingerprint> files) throws IOException {
    String text = Manifest.of(files).text();
    AtomicFiles.writeFile(folder.resolve(MANIFEST), file -> Files.writeString(file, text));
  }

  /**
   * Whether the folder has a manifest.
   *
   * @throws IllegalArgumentException if it is damaged, or is missing though this project has
   *     written the folder
   */
  boolean hasManifest() throws IOException {
    return manifest().isPresent();
  }

  /** The paths of all files in the manifest, which the folder must have. */
  Set<String> names() throws IOException {
    return files().keySet();
  }

  private SortedMap<String, Fingerprint> files() throws IOException {
    return manifest().orElseThrow(() -> missing(folder.resolve(MANIFEST))).files();
  }

  private synchronized Optional<Manifest> manifest() throws IOException {
    Path file = folder.resolve(MANIFEST);
    Version version = Version.of(file);
    if (version == null && Files.exists(folder.resolve(ownFile))) {
      throw missing(file);
    }
    if (version == null || !version.equals(manifestVersion)) {
      manifest = version == null ? null : readManifest(file);
      manifestVersion = version;
      verified.clear();
    }
    return Optional.ofNullable(manifest);
  }

  private static Manifest readManifest(Path file) throws IOException {
    try {
      String text = Json.text(file);
      Manifest found = Json.read(text, Manifest.class);
      // Written again it must be the same: so no byte of it can differ unnoticed.
      if (Manifest.of(found.files()).text().equals(text)) {
        return found;
      }
    } catch (MalformedJson e) {
      // Not as it was written.
    }
    throw new IllegalArgumentException(
        "Expected %s as it was written, found it changed. Copy or download the folder again."
            .formatted(file));
  }

  /** Deletes a file, if it is there; from then on the folder is complete without it. */
  synchronized void delete(String name) throws IOException {
    if (Files.exists(folder.resolve(name))) {
      SortedMap<String, Fingerprint> others = new TreeMap<>(files());
      others.remove(name);
      writeManifest(folder, others);
      Files.delete(folder.resolve(name));
    }
  }

  /** Compares every file with the manifest, whether it was compared before or not. */
  synchronized void verifyAgain() throws IOException {
    manifestVersion = null;
    verify(names());
  }

  /** A file or folder to read, once it is {@linkplain #verify verified}. */
  synchronized Path resolve(String name) throws IOException {
    if (hasManifest()) {
      Predicate<String> isBelow = file -> file.equals(name) || file.startsWith(name + "/");
      verify(names().stream().filter(isBelow).toList());
    }
    return folder.resolve(name);
  }

  /**
   * Compares files with the manifest, unless they were compared since they were written.
   *
   * @throws IllegalArgumentException if a file or the manifest is missing or differs, naming it
   */
  synchronized void verify(Iterable<String> names) throws IOException {
    SortedMap<String, Fingerprint> files = files();
    for (String name : names) {
      Version version = Version.of(folder.resolve(name));
      if (version == null || !version.equals(verified.get(name))) {
        requireUnchanged(folder.resolve(name), files.get(name));
        verified.put(name, version);
      }
    }
  }

  private static void requireUnchanged(Path file, Fingerprint expected) throws IOException {
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

  /**
   * What a parser makes of the text of a file.
   *
   * @throws IllegalArgumentException if it is missing, damaged or not the JSON that is expected
   */
  <T> T read(String name, Function<String, T> parser) throws IOException {
    Path file = resolve(name);
    if (!Files.isRegularFile(file)) {
      throw missing(file);
    }
    try {
      return parser.apply(Json.text(file));
    } catch (MalformedJson e) {
      throw new IllegalArgumentException(
          "Expected JSON in %s, found %s. Copy the complete folder of the epoch."
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private static IllegalArgumentException missing(Path file) {
    return new IllegalArgumentException(
        "Expected a file %s, found none. Copy the complete folder of the epoch.".formatted(file));
  }

  private static IllegalArgumentException damaged(String expected, Path file, Object found) {
    return new IllegalArgumentException(
        "Expected %s in %s, found %s. Copy or download the folder again."
            .formatted(expected, file, found));
  }
}
