package emnist.diffusion.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import emnist.diffusion.MutationFuzz;
import emnist.diffusion.evaluation.PngWriter;
import java.awt.image.BufferedImage;
import java.io.BufferedOutputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PngTextTest {

  @TempDir Path folder;

  @Test
  void readsWhatWasWritten() throws Exception {
    Map<String, String> text = Map.of("seed", "1", "title", "harf: ğ", "empty", "");
    Path file = folder.resolve("picture.png");
    PngWriter.write(file, new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB), text);

    assertThat(PngText.read(file)).isEqualTo(text);
  }

  @Test
  void aPlainPictureSaysNothing() throws Exception {
    Path file = folder.resolve("picture.png");
    PngWriter.write(file, new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB), Map.of());

    assertThat(PngText.read(file)).isEmpty();
  }

  @Test
  void refusesAMissingFile() {
    Path file = folder.resolve("none.png");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PngText.read(file))
        .withMessage(
            "Expected a PNG file that may be read at %s, found none. Check the path.", file);
  }

  @Test
  void refusesAFileThatIsNoPng() throws Exception {
    Path file = Files.writeString(folder.resolve("text.png"), "not a picture");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PngText.read(file))
        .withMessage("Expected a PNG file, found another kind in %s. Check the path.", file);
  }

  @Test
  void refusesAChunkLongerThanTheFile() throws Exception {
    Path file = folder.resolve("picture.png");
    Files.write(file, png(1 << 20, "tEXt", "seed\0001"));

    refuses(file, "an early end");
  }

  @Test
  void takesNoMemoryForATextThatDoesNotCome() throws Exception {
    Path file = folder.resolve("picture.png");
    Files.write(file, png(Integer.MAX_VALUE, "tEXt", "seed\0001"));

    refuses(file, "more than 16777216 bytes of text");
  }

  @Test
  void refusesATextOfAnotherChecksum() throws Exception {
    Path file = folder.resolve("picture.png");
    Files.write(file, png(6, "tEXt", "seed\0001"));

    refuses(file, "a text of another checksum");
  }

  @ParameterizedTest
  @CsvSource({"tEXt, k\0v", "iTXt, k\0\0\0\0\0v", "zTXt, k\0\0v", "tIME, 1234567"})
  void refusesThousandsOfSmallChunks(String type, String data) throws Exception {
    ByteBuffer chunk = ByteBuffer.allocate(12 + data.length());
    chunk.putInt(data.length());
    chunk.put((type + data).getBytes(StandardCharsets.ISO_8859_1));
    CRC32 checksum = new CRC32();
    checksum.update(chunk.array(), 4, 4 + data.length());
    chunk.putInt((int) checksum.getValue());
    Path file = folder.resolve("picture.png");
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      out.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
      for (int i = 0; i < 2_500_000; i++) {
        out.write(chunk.array());
      }
    }

    refuses(file, "more than 1000 chunks before its pixels");
  }

  @Test
  void refusesAFolder() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PngText.read(folder))
        .withMessageEndingWith(", found none. Check the path.");
  }

  private static byte[] png(int length, String type, String data) {
    return ByteBuffer.allocate(100)
        .put(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'})
        .putInt(length)
        .put(type.getBytes(StandardCharsets.ISO_8859_1))
        .put(data.getBytes(StandardCharsets.ISO_8859_1))
        .array();
  }

  private static void refuses(Path file, String found) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PngText.read(file))
        .withMessage("Expected an intact PNG file, found %s in %s. Copy it again.", found, file);
  }

  @Test
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aPictureIsReadOrRefused() throws Exception {
    Path file = folder.resolve("picture.png");
    Map<String, String> text = new TreeMap<>(Map.of("seed", "1", "title", "harf: ğ"));
    PngWriter.write(file, new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB), text);
    MutationFuzz.run(
        IllegalArgumentException.class,
        bytes -> {
          Files.write(file, bytes);
          PngText.read(file);
        },
        Files.readAllBytes(file));
  }
}
