package emnist.diffusion.checkpoint;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import emnist.diffusion.config.Json;
import emnist.diffusion.config.MalformedJson;
import emnist.diffusion.files.AtomicFiles;
import emnist.diffusion.files.FileTree;
import emnist.diffusion.files.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The files of a checkpoint, each compared with {@code manifest.json} before it is read; what that
 * does not list, and what is a link, is refused. A folder that Python has written has no manifest,
 * and its files are read as they are.
 *
 * @param ownFile a file that only folders with a manifest have
 */
record VerifiedFolder(Path folder, String ownFile) {

  private static final String MANIFEST = "manifest.json";

  /** Some hundred files; this project writes eight. */
  private static final int MAX_MANIFEST_BYTES = 1 << 16;

  /** Names below the folder: none is absolute, and none leads out of it. */
  private static final Pattern NAME = Pattern.compile("\\w[\\w.-]*(/\\w[\\w.-]*)*");

  /** What could be read: neither a user's notes nor what a file manager leaves. */
  private static final Pattern READABLE = Pattern.compile("[^.].*\\.(json|safetensors)");

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
    if (Files.exists(folder.resolve(ownFile), NOFOLLOW_LINKS)) {
      existing(MANIFEST, false);
    }
    return Files.exists(folder.resolve(MANIFEST), NOFOLLOW_LINKS);
  }

  /** The fingerprints in the manifest, which must be there and undamaged. */
  private SortedMap<String, Fingerprint> manifest() throws IOException {
    Path file = existing(MANIFEST, false);
    try {
      String text = Files.size(file) > MAX_MANIFEST_BYTES ? "" : Json.text(file);
      SortedMap<String, Fingerprint> files = Json.read(text, Manifest.class).files();
      // Written again it must be the same: so no byte of it can differ unnoticed.
      if (files != null
          && Manifest.text(files).equals(text)
          && files.keySet().stream().allMatch(NAME.asMatchPredicate())) {
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
   * @param closed folders in which the manifest must list all that could be read
   * @return the names in the manifest
   * @throws IllegalArgumentException if a file or the manifest is missing or differs, or a file is
   *     not listed, naming it
   */
  Set<String> verify(List<String> closed) throws IOException {
    SortedMap<String, Fingerprint> files = manifest();
    for (String name : closed) {
      requireListed(name, files.keySet());
    }
    return verify(files);
  }

  /** A file or folder to read, once it is compared with the manifest, if there is one. */
  Path resolve(String name) throws IOException {
    if (hasManifest()) {
      SortedMap<String, Fingerprint> files = manifest();
      files.keySet().removeIf(file -> !file.equals(name) && !file.startsWith(name + "/"));
      requireListed(name, files.keySet());
      verify(files);
    }
    return folder.resolve(name);
  }

  /** Refuses a path, and what could be read below it, if the manifest does not list it. */
  private void requireListed(String name, Set<String> listed) throws IOException {
    for (Path path : FileTree.of(folder.resolve(name))) {
      String below = folder.relativize(path).toString().replace('\\', '/');
      boolean isReadable = READABLE.matcher(path.getFileName().toString()).matches();
      if ((isReadable || Files.isSymbolicLink(path)) && !listed.contains(below)) {
        throw new IllegalArgumentException(
            "Expected %s in the list of files in %s, found it is not there. Copy or download the folder again."
                .formatted(below, folder.resolve(MANIFEST)));
      }
    }
  }

  private Set<String> verify(SortedMap<String, Fingerprint> files) throws IOException {
    for (String name : files.keySet()) {
      Path file = existing(name, false);
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
    Path file = existing(name, true);
    try {
      return Json.read(file, parser);
    } catch (MalformedJson e) {
      throw new IllegalArgumentException(
          "Expected what training writes in %s, found %s. Copy the complete folder of the epoch."
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private Path existing(String name, boolean mayBeLinked) {
    Path file = folder.resolve(name);
    if (!Files.isRegularFile(file) || !mayBeLinked && isLinked(file)) {
      throw new IllegalArgumentException(
          "Expected a file %s, found %s. Copy the complete folder of the epoch."
              .formatted(
                  file,
                  Files.exists(file, NOFOLLOW_LINKS) ? "a link, a folder or a device" : "none"));
    }
    return file;
  }

  private boolean isLinked(Path below) {
    return !below.equals(folder) && (Files.isSymbolicLink(below) || isLinked(below.getParent()));
  }

  private static IllegalArgumentException damaged(String expected, Path file, Object found) {
    return new IllegalArgumentException(
        "Expected %s in %s, found %s. Copy or download the folder again."
            .formatted(expected, file, found));
  }
}
