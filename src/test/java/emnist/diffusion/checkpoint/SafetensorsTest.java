package emnist.diffusion.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {

  private final NDManager manager = NDManager.newBaseManager();

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("weights.safetensors");
  }

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @Test
  void readsWhatItWrote() throws IOException {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    arrays.put("z", manager.create(new float[] {1, -0f, Float.NaN, 1e-42f}, new Shape(2, 2)));
    arrays.put("scalar", manager.create(3f));
    arrays.put("empty", manager.create(new Shape(0, 3)));
    arrays.put("name with ü and \"quotes\"", manager.create(new float[] {7}));

    Safetensors.write(file, arrays);
    Map<String, NDArray> read = Safetensors.read(manager, file);

    assertThat(read.keySet()).containsExactlyInAnyOrderElementsOf(arrays.keySet());
    arrays.forEach(
        (name, array) -> {
          assertThat(read.get(name).getShape()).as(name).isEqualTo(array.getShape());
          assertThat(read.get(name).toFloatArray()).as(name).isEqualTo(array.toFloatArray());
        });
  }

  @Test
  void alignsTheDataToEightBytes() throws IOException {
    Safetensors.write(file, Map.of("a", manager.create(new float[] {1})));

    long header =
        ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).getLong();

    assertThat(header % 8).isZero();
    assertThat(Files.size(file)).isEqualTo(8 + header + 4);
  }

  @Test
  void refusesToWriteOverAFile() throws IOException {
    Files.writeString(file, "precious");

    assertThatThrownBy(() -> Safetensors.write(file, Map.of()))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(file).hasContent("precious");
  }

  @Test
  void refusesToWriteAnythingButFloat32AndWritesNoFile() {
    NDArray integers = manager.zeros(new Shape(2), DataType.INT64);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Safetensors.write(file, Map.of("a", integers)))
        .withMessage("Expected \"a\" as float32, found int64. Convert it first.");
    assertThat(file).doesNotExist();
  }

  @Test
  void refusesAMissingFile() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Safetensors.read(manager, file))
        .withMessage("Expected a safetensors file at %s, found none. Check the path.", file);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7})
  void refusesAFileTooShortForALength(int bytes) throws IOException {
    Files.write(file, new byte[bytes]);

    refuses("a header that fits its %d bytes".formatted(bytes), "-1 header bytes");
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 1, 3, Long.MAX_VALUE, Long.MIN_VALUE, 100_000_001})
  void refusesAHeaderLengthThatDoesNotFit(long length) throws IOException {
    write(length, "{}", 0);

    refuses("a header that fits its 10 bytes", length + " header bytes");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "no JSON at all",
        "",
        "{\"a\":",
        "[]",
        "3",
        "null",
        "{\"a\":3}",
        "{\"a\":null}",
        "{\"a\":{}}",
        "{\"a\":{\"dtype\":\"F32\"}}",
        "{\"a\":{\"dtype\":3,\"shape\":\"x\",\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":\"one\",\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,6]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[null],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[null,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":null}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[]}}",
        "{\"a\":{\"dtype\":[\"F32\",\"F32\"],\"shape\":[1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1,-1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[9223372036854775804,"
            + "-9223372036854775808]}}",
      })
  void refusesAHeaderThatIsNotOne(String header) throws IOException {
    write(header, 4);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Safetensors.read(manager, file))
        .withMessageStartingWith("Expected ")
        .withMessageContaining(" in %s, found ", file)
        .withMessageEndingWith(". Copy or download the file again.");
  }

  @Test
  void refusesAnotherTypeOfNumberByName() throws IOException {
    write("{\"a\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4);

    refuses("\"a\" as F32", "BF16");
  }

  @Test
  void refusesAShapeThatDoesNotFillItsBytes() throws IOException {
    write("{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", 8);

    refuses("\"a\" of shape [3] in 12 bytes", "[0, 8]");
  }

  @Test
  void refusesAHoleBetweenArrays() throws IOException {
    write(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}",
        12);

    refuses("an array at byte 4", "\"b\" elsewhere");
  }

  @Test
  void refusesArraysThatOverlap() throws IOException {
    write(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}",
        12);

    refuses("an array at byte 8", "\"b\" elsewhere");
  }

  @Test
  void refusesBytesBehindTheLastArray() throws IOException {
    write("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 5);

    refuses("4 bytes of data", "5");
  }

  @Test
  void refusesAFileThatEndsInsideAnArray() throws IOException {
    Safetensors.write(file, Map.of("a", manager.zeros(new Shape(4))));
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 1));

    refuses("16 bytes of data", "15");
  }

  @Test
  void ignoresMetadata() throws IOException {
    write("{\"__metadata__\":{\"format\":\"pt\"}}", 0);

    assertThat(Safetensors.read(manager, file)).isEmpty();
  }

  @Test
  void readsArraysWhateverTheirOrderInTheHeader() throws IOException {
    write(
        "{\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        8);

    assertThat(Safetensors.read(manager, file).keySet()).containsExactly("a", "b");
  }

  private void refuses(String expected, String found) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Safetensors.read(manager, file))
        .withMessage(
            "Expected %s in %s, found %s. Copy or download the file again.", expected, file, found);
  }

  private void write(String header, int dataBytes) throws IOException {
    write(header.length(), header, dataBytes);
  }

  private void write(long headerLength, String header, int dataBytes) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + json.length + dataBytes);
    bytes.order(ByteOrder.LITTLE_ENDIAN).putLong(headerLength).put(json);
    Files.write(file, bytes.array());
  }
}
