package emnist.diffusion.checkpoint;

import emnist.diffusion.files.AtomicFiles;
import emnist.diffusion.files.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;

/**
 * What tells the content of a file from any other.
 *
 * @param bytes its size
 * @param sha256 its SHA-256, in hexadecimal as {@code sha256sum} prints it
 */
public record Fingerprint(long bytes, String sha256) {

  /** Writes some files; returns what they hold, by path. */
  @FunctionalInterface
  interface Writing {
    Map<String, Fingerprint> write() throws IOException;
  }

  /** Writes a text file in UTF-8, and the folder it is in. */
  static Fingerprint ofWriting(Path file, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try {
      Files.createDirectories(file.getParent());
      Files.write(file, bytes);
    } catch (IOException e) {
      throw AtomicFiles.failure(file, file, e);
    }
    return new Fingerprint(bytes.length, new Sha256().add(bytes).hex());
  }

  /**
   * Writes files with a thread for each argument, so that some hash while others wait for the disk.
   *
   * @return what all of them hold, by path
   * @throws IOException a failure, once all threads have ended
   */
  static SortedMap<String, Fingerprint> ofWritingAtOnce(Writing... writings) throws IOException {
    List<CompletableFuture<Map<String, Fingerprint>>> threads =
        Stream.of(writings).map(Fingerprint::start).toList();
    try {
      CompletableFuture.allOf(threads.toArray(CompletableFuture[]::new)).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof UncheckedIOException failed) {
        throw failed.getCause();
      }
      throw e.getCause() instanceof RuntimeException failed ? failed : e;
    }
    SortedMap<String, Fingerprint> written = new TreeMap<>();
    threads.forEach(thread -> written.putAll(thread.join()));
    return written;
  }

  private static CompletableFuture<Map<String, Fingerprint>> start(Writing writing) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return writing.write();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        task -> new Thread(task, "checkpoint").start());
  }
}
