package emnist.diffusion.checkpoint;

import emnist.diffusion.config.Json;
import emnist.diffusion.config.MalformedJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The files of a checkpoint, each compared with the manifest before it is first read. A folder that
 * Python has written has no manifest, and its files are read as they are.
 *
 * <p>The manifest is read once, and a file that was as it should be is not hashed again.
 */
final class VerifiedFolder {

  private final Path folder;
  private final String ownFile;
  private final Set<String> verified = new HashSet<>();
  private Optional<Manifest> manifest;

  /**
   * A folder; nothing is read yet.
   *
   * @param ownFile a file that only folders with a manifest have
   */
  VerifiedFolder(Path folder, String ownFile) {
    this.folder = folder;
    this.ownFile = ownFile;
  }

  /**
   * The folder's manifest, if it has one.
   *
   * @throws IllegalArgumentException if it is damaged, or is missing though this project has
   *     written the folder
   */
  synchronized Optional<Manifest> manifest() throws IOException {
    if (manifest == null) {
      Optional<Manifest> found = Manifest.read(folder);
      if (found.isEmpty() && Files.exists(folder.resolve(ownFile))) {
        throw Manifest.missing(folder.resolve(Manifest.FILE));
      }
      manifest = found;
    }
    return manifest;
  }

  /** The folder's manifest, which it must have. */
  Manifest requireManifest() throws IOException {
    return manifest().orElseThrow(() -> Manifest.missing(folder.resolve(Manifest.FILE)));
  }

  /** Replaces the manifest. */
  synchronized void replace(Manifest other) throws IOException {
    other.write(folder);
    manifest = Optional.of(other);
  }

  /**
   * Compares every file with the manifest, whether it was compared before or not.
   *
   * @throws IllegalArgumentException if a file or the manifest is missing or differs, naming it
   */
  synchronized void verifyAgain() throws IOException {
    manifest = null;
    verified.clear();
    for (String name : requireManifest().files().keySet()) {
      verify(name);
    }
  }

  /**
   * A file or folder to read, as it was written.
   *
   * @throws IllegalArgumentException if a file is missing or differs, naming it
   */
  synchronized Path resolve(String name) throws IOException {
    if (manifest().isPresent()) {
      for (String file : manifest().get().below(name)) {
        verify(file);
      }
    }
    return folder.resolve(name);
  }

  private void verify(String file) throws IOException {
    if (!verified.contains(file)) {
      requireManifest().verify(folder, file);
      verified.add(file);
    }
  }

  /**
   * The text of a file.
   *
   * @throws IllegalArgumentException if it is missing, damaged or not UTF-8
   */
  String text(String name) throws IOException {
    Path file = resolve(name);
    if (!Files.isRegularFile(file)) {
      throw Manifest.missing(file);
    }
    try {
      return Json.text(file);
    } catch (MalformedJson e) {
      throw notJson(name, e);
    }
  }

  IllegalArgumentException notJson(String name, MalformedJson e) {
    return new IllegalArgumentException(
        "Expected JSON in %s, found %s. Copy the whole folder of the epoch."
            .formatted(folder.resolve(name), e.getMessage()),
        e);
  }
}
