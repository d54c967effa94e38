package emnist.diffusion.data;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import emnist.diffusion.files.AtomicFiles;
import emnist.diffusion.files.FreeSpace;
import emnist.diffusion.files.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;

/**
 * Fetches EMNIST's archive over HTTP.
 *
 * @param source address of the archive
 * @param bytes its size
 * @param sha256 its SHA-256 in hexadecimal
 */
public record EmnistDownload(URI source, long bytes, String sha256) {

  /** All six splits as NIST distributes them, 562 MB. */
  public static final EmnistDownload NIST =
      new EmnistDownload(
          URI.create("https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip"),
          561_753_746,
          "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e");

  private static final int CONNECT_TIMEOUT_MILLIS = 30_000;
  private static final int READ_TIMEOUT_MILLIS = 60_000;
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int RANGE_NOT_SATISFIABLE = 416;
  private static final int BAR_COLUMNS = 70;

  /**
   * Fetches the archive as {@code gzip.zip} into a folder, which is created if missing, and shows a
   * progress bar on standard output.
   *
   * <p>It is called {@code gzip.zip.part} until its size and hash are verified; if the connection
   * breaks, the next call resumes. An archive that exists already is verified, not fetched.
   *
   * @return the archive's path; {@link EmnistDataset#open} wants its folder
   * @throws InterruptedIOException if the thread is interrupted; what was fetched is kept
   * @throws IOException if the archive cannot be fetched or is not the expected one
   */
  public Path into(Path folder) throws IOException {
    AtomicFiles.createFolders(folder);
    Path archive = folder.resolve(EmnistArchive.FILE);
    if (Files.exists(archive)) {
      verify(archive, "Move it away to fetch it again.");
      return archive;
    }
    Path part = folder.resolve(EmnistArchive.FILE + ".part");
    if (Files.exists(part, NOFOLLOW_LINKS) && !Files.isRegularFile(part, NOFOLLOW_LINKS)) {
      throw new IOException(
          "Expected a part of the archive at %s, found something else. Move it away to fetch the archive."
              .formatted(part));
    }
    fetch(part);
    try {
      verify(part, "It was deleted; fetch it again.");
    } catch (IOException e) {
      Files.delete(part);
      throw e;
    }
    AtomicFiles.writeFile(archive, partial -> Files.move(part, partial)); // flushes it
    return archive;
  }

  private void fetch(Path part) throws IOException {
    long have = Files.exists(part) ? Files.size(part) : 0;
    if (have == bytes) {
      return;
    }
    if (have > bytes) {
      Files.delete(part);
      have = 0;
    }
    FreeSpace.require(part.toAbsolutePath().getParent(), bytes - have);
    HttpURLConnection connection = connect(have);
    try {
      int status = connection.getResponseCode();
      String range = "bytes %s-%s/%s".formatted(have, bytes - 1, bytes);
      boolean isPart = status == HttpURLConnection.HTTP_PARTIAL;
      boolean isRest = isPart && range.equals(connection.getHeaderField("Content-Range"));
      if (isRest || status == HttpURLConnection.HTTP_OK) {
        receive(connection, part, isRest ? have : 0);
      } else if (have > 0 && (isPart || status == RANGE_NOT_SATISFIABLE)) {
        Files.delete(part);
        fetch(part);
      } else {
        throw new IOException(
            "Expected %s to answer with status 200, found %s. Try again later, or fetch the file with a browser into the same folder."
                .formatted(source, status));
      }
    } finally {
      connection.disconnect();
    }
  }

  /** A connection whose answer has begun. */
  private HttpURLConnection connect(long have) throws IOException {
    // Unlike java.net.http.HttpClient this has a time limit for a body that stalls.
    HttpURLConnection connection = (HttpURLConnection) source.toURL().openConnection();
    connection.setConnectTimeout(CONNECT_TIMEOUT_MILLIS);
    connection.setReadTimeout(READ_TIMEOUT_MILLIS);
    if (have > 0) {
      connection.setRequestProperty("Range", "bytes=%s-".formatted(have));
    }
    try {
      connection.getResponseCode();
      return connection;
    } catch (IOException e) {
      throw new IOException(
          "Expected an answer from %s, found none (%s). Check the connection, or fetch the file with a browser into the same folder."
              .formatted(source, e),
          e);
    }
  }

  private void receive(HttpURLConnection connection, Path part, long have) throws IOException {
    long announced = connection.getContentLengthLong();
    if (announced >= 0 && announced != bytes - have) {
      throw new IOException(
          "Expected %s to send %s bytes, found %s announced. The file has changed; check the address."
              .formatted(source, bytes - have, announced));
    }
    long received = have;
    String end = "the end of the answer";
    boolean interrupted = false;
    StandardOpenOption mode =
        have > 0 ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING;
    try (InputStream in = connection.getInputStream();
        OutputStream out = Files.newOutputStream(part, StandardOpenOption.CREATE, mode);
        ProgressBar bar = progressBar(have)) {
      byte[] buffer = new byte[BUFFER_BYTES];
      int read;
      while (received <= bytes && !interrupted && (read = in.read(buffer)) >= 0) {
        out.write(buffer, 0, read);
        received += read;
        bar.stepTo(received);
        interrupted = Thread.interrupted();
      }
    } catch (IOException e) {
      end = e.toString();
    }
    if (received < bytes) {
      String message =
          "Expected %s bytes from %s, found %s before %s. Call it again to resume from there."
              .formatted(bytes, source, received, interrupted ? "the interrupt" : end);
      if (!interrupted) {
        throw new IOException(message);
      }
      // Only now, because closing the progress bar swallows a pending interrupt.
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(message);
    }
  }

  private ProgressBar progressBar(long have) {
    return new ProgressBarBuilder()
        .setTaskName(EmnistArchive.FILE)
        .setInitialMax(bytes)
        .setUnit(" MB", 1_000_000)
        .startsFrom(have, Duration.ZERO)
        .setConsumer(new ConsoleProgressBarConsumer(System.out, BAR_COLUMNS))
        .build();
  }

  private void verify(Path file, String advice) throws IOException {
    long size = Files.size(file);
    if (size != bytes) {
      throw new IOException(
          "Expected %s bytes in %s, found %s. %s".formatted(bytes, file, size, advice));
    }
    String found = Sha256.of(file);
    if (!found.equals(sha256)) {
      throw new IOException(
          "Expected SHA-256 %s of %s, found %s. %s".formatted(sha256, file, found, advice));
    }
  }
}
