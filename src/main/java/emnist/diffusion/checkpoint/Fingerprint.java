package emnist.diffusion.checkpoint;

import emnist.diffusion.files.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What tells the content of a file from any other.
 *
 * @param bytes its size
 * @param sha256 its SHA-256, in hexadecimal as {@code sha256sum} prints it
 */
public record Fingerprint(long bytes, String sha256) {

  /** Writes a text file in UTF-8, and the folder it is in. */
  static Fingerprint ofWriting(Path file, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
    return new Fingerprint(bytes.length, new Sha256().add(bytes).hex());
  }
}
