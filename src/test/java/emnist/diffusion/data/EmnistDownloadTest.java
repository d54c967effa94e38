package emnist.diffusion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import emnist.diffusion.files.KnownFreeSpace;
import emnist.diffusion.files.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmnistDownloadTest {

  private static final byte[] ARCHIVE = new byte[300_000];

  static {
    for (int i = 0; i < ARCHIVE.length; i++) {
      ARCHIVE[i] = (byte) (i * 31 + i / 256);
    }
  }

  /** What the server does with a request whose Range starts at {@code from}, or with none at 0. */
  private interface Answer {
    void to(HttpExchange exchange, int from) throws IOException;
  }

  @TempDir Path folder;
  private final List<Integer> requestedFrom = new ArrayList<>();
  private Answer answer = EmnistDownloadTest::answerWithRange;
  private final PrintStream console = System.out;
  private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
  private HttpServer server;
  private Path archive;
  private Path part;

  @BeforeEach
  void start() throws IOException {
    System.setOut(new PrintStream(shown, true, StandardCharsets.UTF_8));
    archive = folder.resolve("gzip.zip");
    part = folder.resolve("gzip.zip.part");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/gzip.zip",
        exchange -> {
          String range = exchange.getRequestHeaders().getFirst("Range");
          int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
          requestedFrom.add(from);
          try (exchange) {
            answer.to(exchange, from);
          }
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    System.setOut(console);
  }

  private URI uri() {
    return URI.create("http://127.0.0.1:%s/gzip.zip".formatted(server.getAddress().getPort()));
  }

  private EmnistDownload download() {
    return new EmnistDownload(uri(), ARCHIVE.length, sha256(ARCHIVE));
  }

  private static String sha256(byte[] bytes) {
    return new Sha256().add(bytes).hex();
  }

  private static void answerWithRange(HttpExchange exchange, int from) throws IOException {
    if (from > 0) {
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range",
              "bytes %s-%s/%s".formatted(from, ARCHIVE.length - 1, ARCHIVE.length));
    }
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, ARCHIVE.length - from);
    exchange.getResponseBody().write(ARCHIVE, from, ARCHIVE.length - from);
  }

  private static void answerWithAll(HttpExchange exchange, int from) throws IOException {
    answerWithRange(exchange, 0);
  }

  @Test
  void fetchesTheArchiveIntoANewFolder() throws IOException {
    Path fetched = download().into(folder.resolve("new"));
    assertThat(fetched)
        .isEqualTo(folder.resolve("new").resolve("gzip.zip"))
        .hasBinaryContent(ARCHIVE);
    assertThat(folder.resolve("new").resolve("gzip.zip.part")).doesNotExist();
  }

  @Test
  void showsItsProgress() throws IOException {
    download().into(folder);
    assertThat(shown.toString(StandardCharsets.UTF_8)).contains("gzip.zip 100%");
  }

  @Test
  void goesOnWhereAnEarlierCallEnded() throws IOException {
    Files.write(part, Arrays.copyOf(ARCHIVE, 123_456));
    download().into(folder);
    assertThat(archive).hasBinaryContent(ARCHIVE);
    assertThat(requestedFrom).containsExactly(123_456);
  }

  @Test
  void overwritesNothingThatALinkLeadsTo() throws IOException {
    Path other = Files.writeString(folder.resolve("other"), "mine");
    try {
      Files.createSymbolicLink(part, other);
    } catch (UnsupportedOperationException | IOException e) {
      assumeTrue(false, "no links here");
    }
    assertThatThrownBy(() -> download().into(folder))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "Expected a part of the archive at %s, found something else. Move it away to fetch the archive.",
            part);
    assertThat(other).hasContent("mine");
  }

  @Test
  void startsAgainWhenTheServerKnowsNoRanges() throws IOException {
    answer = EmnistDownloadTest::answerWithAll;
    Files.write(part, new byte[200_000]);
    download().into(folder);
    assertThat(archive).hasBinaryContent(ARCHIVE);
    assertThat(requestedFrom).containsExactly(200_000);
  }

  @Test
  void startsAgainWhenTheServerRefusesTheRange() throws IOException {
    answer =
        (exchange, from) -> {
          if (from > 0) {
            exchange.sendResponseHeaders(416, -1);
          } else {
            answerWithAll(exchange, 0);
          }
        };
    Files.write(part, new byte[10]);
    download().into(folder);
    assertThat(archive).hasBinaryContent(ARCHIVE);
    assertThat(requestedFrom).containsExactly(10, 0);
  }

  @Test
  void startsAgainWhenMoreIsThereThanShouldBe() throws IOException {
    Files.write(part, new byte[ARCHIVE.length + 1]);
    download().into(folder);
    assertThat(archive).hasBinaryContent(ARCHIVE);
  }

  @Test
  void keepsWhatABrokenConnectionBrought() {
    answer =
        (exchange, from) -> {
          exchange.sendResponseHeaders(200, ARCHIVE.length);
          exchange.getResponseBody().write(ARCHIVE, 0, 100_000);
          exchange.getResponseBody().flush();
        };
    assertThatThrownBy(() -> download().into(folder))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("Expected 300000 bytes from %s, found 100000 before ", uri())
        .hasMessageEndingWith("Call it again to resume from there.");
    assertThat(archive).doesNotExist();
    assertThat(part).hasSize(100_000);
  }

  @Test
  void refusesAnotherHashAndKeepsNothing() {
    String other = sha256(new byte[1]);
    EmnistDownload download = new EmnistDownload(uri(), ARCHIVE.length, other);
    assertThatThrownBy(() -> download.into(folder))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "Expected SHA-256 %s of %s, found %s. It was deleted; fetch it again.",
            other, part, sha256(ARCHIVE));
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void refusesAnotherSizeBeforeItTouchesWhatIsThere() throws IOException {
    answer =
        (exchange, from) -> {
          exchange.sendResponseHeaders(200, 5);
          exchange.getResponseBody().write(new byte[5]);
        };
    Files.write(part, new byte[10]);
    assertThatThrownBy(() -> download().into(folder))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "Expected %s to send 300000 bytes, found 5 announced. The file has changed; check the address.",
            uri());
    assertThat(part).hasSize(10);
  }

  @Test
  void stopsAtTooManyBytesWhenNoSizeIsAnnounced() {
    answer =
        (exchange, from) -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(ARCHIVE);
        };
    EmnistDownload download = new EmnistDownload(uri(), 1000, sha256(ARCHIVE));
    assertThatThrownBy(() -> download.into(folder))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("Expected 1000 bytes in %s, found ", part);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void refusesAnErrorPage() {
    answer = (exchange, from) -> exchange.sendResponseHeaders(404, -1);
    assertThatThrownBy(() -> download().into(folder))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "Expected %s to answer with status 200, found 404. Try again later, or fetch the file with a browser into the same folder.",
            uri());
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void saysThatNobodyAnswers() {
    URI unreachable = uri();
    server.stop(0);
    assertThatThrownBy(() -> download().into(folder))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("Expected an answer from %s, found none (", unreachable);
  }

  @Test
  void saysThatThereIsNoRoom() {
    KnownFreeSpace.assume(folder);
    EmnistDownload download = new EmnistDownload(uri(), Long.MAX_VALUE, "");
    assertThatThrownBy(() -> download.into(folder))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("Expected 9223372036855 MB of free space for %s, found ", folder);
    assertThat(requestedFrom).isEmpty();
  }

  @Test
  void doesNotFetchWhatIsThere() throws IOException {
    Files.write(archive, ARCHIVE);
    assertThat(download().into(folder)).isEqualTo(archive);
    assertThat(requestedFrom).isEmpty();
  }

  @Test
  void leavesAnotherArchiveAlone() throws IOException {
    Files.write(archive, new byte[5]);
    assertThatThrownBy(() -> download().into(folder))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "Expected 300000 bytes in %s, found 5. Move it away to fetch it again.", archive);
    assertThat(archive).hasSize(5);
  }

  @Test
  void anInterruptEndsItAndCanBeResumed() throws IOException {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> download().into(folder))
        .isInstanceOf(InterruptedIOException.class)
        .hasMessageEndingWith("before the interrupt. Call it again to resume from there.");
    assertThat(Thread.interrupted()).isTrue();
    assertThat(archive).doesNotExist();
    download().into(folder);
    assertThat(archive).hasBinaryContent(ARCHIVE);
  }

  @Test
  void knowsNistsArchive() {
    assertThat(EmnistDownload.NIST.source().toString())
        .isEqualTo("https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip");
    assertThat(EmnistDownload.NIST.bytes()).isEqualTo(561_753_746);
    assertThat(EmnistDownload.NIST.sha256()).hasSize(64).startsWith("fb9bb67e");
  }
}
