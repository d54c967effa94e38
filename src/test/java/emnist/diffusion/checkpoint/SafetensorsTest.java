package emnist.diffusion.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.config.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
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

  @ParameterizedTest
  @ValueSource(strings = {"__metadata__", "half a character \ud800", "\udc00 half"})
  void refusesToWriteANameThatCannotBeReadAndWritesNoFile(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Safetensors.write(file, Map.of(name, manager.ones(new Shape(1)))))
        .withMessageStartingWith("Expected a name in Unicode other than __metadata__")
        .withMessageContaining("found \"%s\" of shape (1).", name);
    assertThat(file).doesNotExist();
  }

  @Test
  void refusesToWriteMoreDimensionsThanCanBeRead() {
    long[] sides = new long[65];
    Arrays.fill(sides, 1);

    refusesToWrite(new Shape(sides));
  }

  @Test
  void refusesToWriteAnEmptyArrayWhoseOtherSidesAreTooLong() {
    refusesToWrite(new Shape(0, 1L << 31));
  }

  private void refusesToWrite(Shape shape) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Safetensors.write(file, Map.of("a", manager.zeros(shape))))
        .withMessage(
            "Expected a name in Unicode other than __metadata__, and at most 64 dimensions and 2147483647 numbers, found \"a\" of shape %s. Rename, reshape or split the array.",
            shape);
    assertThat(file).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a\0b", "metadata", "ağ", "🙂", "a\"b\\c", "a/../b"})
  void readsAnyOtherNameThatItWrites(String name) throws IOException {
    Safetensors.write(file, Map.of(name, manager.ones(new Shape(1))));

    assertThat(Safetensors.read(manager, file)).containsOnlyKeys(name);
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

    refuses("a header that fits its %s bytes".formatted(bytes), "-1 header bytes");
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
        "{a:{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1,],\"data_offsets\":[0,4]}}",
        " {\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} {}",
        "{\"__metadata__\":3,\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        "",
        "{\"a\":",
        "[]",
        "3",
        "null",
        "{\"a\":3}",
        "{\"a\":null}",
        "{\"a\":{}}",
        "{\"a\":{\"dtype\":\"F32\"}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":\"one\",\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,6]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[null],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[null,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":null}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[]}}",
        "{\"a\":{\"dtype\":[\"F32\",\"F32\"],\"shape\":[1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1,-1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[4,0]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[\"1\"],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1e0],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,4]}}",
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

  @ParameterizedTest
  @ValueSource(strings = {"U8", "I32", "BOOL", "F8_E4M3", "f32", "3"})
  void refusesAnotherTypeOfNumberByName(String dtype) throws IOException {
    write("{\"a\":{\"dtype\":\"%s\",\"shape\":[2],\"data_offsets\":[0,4]}}".formatted(dtype), 4);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Safetensors.read(manager, file))
        .withMessage(
            "Expected \"a\" as one of [F32, F16, BF16, F64, I64] in %s, found %s. Save it as F32.",
            file, dtype);
  }

  @Test
  void refusesAHeaderThatIsNoUtf8() throws IOException {
    write("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4);
    byte[] bytes = Files.readAllBytes(file);
    bytes[Long.BYTES + 2] = (byte) 0xff;
    Files.write(file, bytes);

    refuses("a JSON header", "bytes that are not UTF-8");
  }

  @Test
  void refusesTwoArraysOfOneName() throws IOException {
    write(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        8);

    refuses("a JSON header", "the name \"a\" twice");
  }

  @Test
  void refusesAnArrayOfTwoShapes() throws IOException {
    write("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"shape\":[1],\"data_offsets\":[0,4]}}", 4);

    refuses("a JSON header", "the name \"shape\" twice");
  }

  @Test
  void refusesMetadataThatIsNotText() throws IOException {
    write("{\"__metadata__\":{\"format\":[]}}", 0);

    refuses("a JSON header", "an array instead of a string");
  }

  @Test
  void refusesABottomlessHeader() throws IOException {
    write("{\"a\":" + "[".repeat(1_000_000), 0);

    refuses("a JSON header", "a string or number too long, or too many levels");
  }

  @Test
  void refusesMoreDimensionsThanTheEngineHas() throws IOException {
    String ones = "1" + ",1".repeat(64);
    write("{\"a\":{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":[0,4]}}".formatted(ones), 4);

    refuses("a JSON header", "65 integers instead of 64");
  }

  @Test
  void readsAsManyDimensionsAsTheEngineHas() throws IOException {
    String ones = "1" + ",1".repeat(63);
    write("{\"a\":{\"dtype\":\"F16\",\"shape\":[%s],\"data_offsets\":[0,2]}}".formatted(ones), 2);

    assertThat(Safetensors.read(manager, file).get("a").getShape().dimension()).isEqualTo(64);
  }

  @Test
  void refusesSidesBelowZeroWhoseProductIsNot() throws IOException {
    write("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1,-1],\"data_offsets\":[0,4]}}", 4);

    refuses("sides of at least 0 of \"a\"", "[-1, -1]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2147483648",
        "9223372036854775807, 9223372036854775807",
        "4611686018427387904, 4",
        "4294967296, 4294967296",
        "0, 4611686018427387904",
        "4611686018427387904, 0, 16"
      })
  void refusesAShapeWhoseSizeOverflows(String shape) throws IOException {
    write("{\"a\":{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":[0,0]}}".formatted(shape), 0);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Safetensors.read(manager, file))
        .withMessage(
            "Expected \"a\" of at most 2147483647 numbers in %s, found [%s]. Split the array.",
            file, shape);
  }

  @Test
  void refusesAHeaderBeyondTheHeap() throws IOException {
    long headerBytes = 99_999_999;
    assumeThat(Json.maxBytes()).isLessThan(headerBytes);
    write(headerBytes, "{}", 0);
    resize(Long.BYTES + headerBytes);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Safetensors.read(manager, file))
        .withMessage(
            "Expected at most %s header bytes in %s, as many as the Java heap has room for, found %s. Start Java with a larger -Xmx.",
            Json.maxBytes(), file, headerBytes);
  }

  @Test
  void readsAFileOfMoreThanTwoGigabytesArrayByArray() throws IOException {
    int side = 9_500;
    long bytes = (long) Double.BYTES * side * side;
    StringBuilder header = new StringBuilder("{\"last\":{\"dtype\":\"I64\",\"shape\":[1],");
    header.append("\"data_offsets\":[%s,%s]}".formatted(3 * bytes, 3 * bytes + 8));
    for (int i = 0; i < 3; i++) {
      header.append(
          ",\"%s\":{\"dtype\":\"F64\",\"shape\":[%s,%s],\"data_offsets\":[%s,%s]}"
              .formatted(i, side, side, i * bytes, (i + 1) * bytes));
    }
    write(header + "}", 0);
    long size = Files.size(file) + 3 * bytes + Long.BYTES;
    resize(size);
    overwrite(size - 2 * Long.BYTES, littleEndian(Double.BYTES).putDouble(0, 7));
    overwrite(size - Long.BYTES, littleEndian(Long.BYTES).putLong(0, 8));
    Map<String, Number> lastElements = new LinkedHashMap<>();

    Safetensors.forEach(
        manager,
        file,
        (name, array) -> {
          try (array;
              NDArray flat = array.reshape(-1);
              NDArray last = flat.get(array.size() - 1)) {
            lastElements.put(name, last.toArray()[0]);
          }
        });

    assertThat(size).isGreaterThan(Integer.MAX_VALUE);
    assertThat(lastElements)
        .containsExactly(entry("0", 0f), entry("1", 0f), entry("2", 7f), entry("last", 8L));
  }

  @Test
  void refusesAnArrayOfMoreNumbersThanAnIndexCounts() throws IOException {
    write("{\"a\":{\"dtype\":\"F16\",\"shape\":[65536,32768],\"data_offsets\":[0,4294967296]}}", 0);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Safetensors.read(manager, file))
        .withMessage(
            "Expected \"a\" of at most 2147483647 numbers in %s, found [65536, 32768]. Split the array.",
            file);
  }

  @Test
  void roundsFloat64ToTheNearestFloat32() throws IOException {
    double[] values = {1, -0.0, 0.1, 1 + 0x1p-24, 1 + 0x3p-24, 1e300, Double.NaN};
    ByteBuffer data = littleEndian(values.length * Double.BYTES);
    data.asDoubleBuffer().put(values);
    RawArray.write(file, Map.of("a", new RawArray("F64", new long[] {7}, data.array())));

    NDArray read = Safetensors.read(manager, file).get("a");

    assertThat(read.getDataType()).isEqualTo(DataType.FLOAT32);
    assertThat(read.toFloatArray())
        .containsExactly(1, -0f, 0.1f, 1, 1 + 0x2p-23f, Float.POSITIVE_INFINITY, Float.NaN);
  }

  @Test
  void keepsInt64() throws IOException {
    ByteBuffer data = littleEndian(2 * Long.BYTES).putLong(7).putLong(Long.MIN_VALUE);
    Map<String, RawArray> arrays = new LinkedHashMap<>();
    arrays.put("num_batches_tracked", new RawArray("I64", new long[] {2, 1}, data.array()));
    arrays.put("weight", new RawArray("F16", new long[] {1}, new byte[] {0, 0x3c}));
    RawArray.write(file, arrays);

    Map<String, NDArray> read = Safetensors.read(manager, file);

    assertThat(read.get("num_batches_tracked").getShape()).isEqualTo(new Shape(2, 1));
    assertThat(read.get("num_batches_tracked").toLongArray()).containsExactly(7, Long.MIN_VALUE);
    assertThat(read.get("weight").toFloatArray()).containsExactly(1);
  }

  @ParameterizedTest
  @EnumSource(SavePrecision.class)
  void readsAndWritesArraysLargerThanAPiece(SavePrecision precision) throws IOException {
    NDArray array = manager.arange(0, 3_000_003, 1, DataType.FLOAT32).mod(2048).reshape(3, 1000001);

    Safetensors.write(file, Map.of("a", array), precision);
    NDArray read = Safetensors.read(manager, file).get("a");

    assertThat(read.getShape()).isEqualTo(array.getShape());
    assertThat(read.toFloatArray()).isEqualTo(array.toFloatArray());
  }

  @Test
  void writesTheElementsOfAViewInTheirOrder() throws IOException {
    NDArray view = manager.create(new float[] {1, 2, 3, 4}, new Shape(2, 2)).transpose();

    Safetensors.write(file, Map.of("a", view));

    assertThat(Safetensors.read(manager, file).get("a").toFloatArray()).containsExactly(1, 3, 2, 4);
  }

  @Test
  void writesFloat16Rounded() throws IOException {
    NDArray array = manager.create(new float[] {1, 0.1f, -0f, 65504, 1e-9f, Float.NaN});

    Safetensors.write(file, Map.of("a", array), SavePrecision.FLOAT16);

    assertThat(Files.readString(file, StandardCharsets.ISO_8859_1)).contains("\"dtype\":\"F16\"");
    assertThat(Safetensors.read(manager, file).get("a").toFloatArray())
        .containsExactly(1, 0.0999755859375f, -0f, 65504, 0, Float.NaN);
  }

  @Test
  void refusesToWriteWhatFloat16CannotHoldAndWritesNoFile() {
    NDArray array = manager.create(new float[] {1, -65520});

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Safetensors.write(file, Map.of("a", array), SavePrecision.FLOAT16))
        .withMessage(
            "Expected \"a\" within float16's range of -65504 to 65504, found -65520.0."
                + " Save as float32.");
    assertThat(file).doesNotExist();
  }

  @Test
  void infinityIsAFloat16() throws IOException {
    float[] infinities = {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};

    Safetensors.write(file, Map.of("a", manager.create(infinities)), SavePrecision.FLOAT16);

    assertThat(Safetensors.read(manager, file).get("a").toFloatArray()).isEqualTo(infinities);
  }

  @ParameterizedTest
  @EnumSource(SavePrecision.class)
  void equalArraysGiveEqualBytes(SavePrecision precision) throws IOException {
    Path second = folder.resolve("second.safetensors");

    Safetensors.write(file, twoArrays(), precision);
    Safetensors.write(second, twoArrays(), precision);

    assertThat(second).hasSameBinaryContentAs(file);
  }

  @Test
  void theHashIsThatOfTheFile() throws Exception {
    Safetensors.write(file, twoArrays());

    byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));

    assertThat(Safetensors.sha256(twoArrays())).isEqualTo(HexFormat.of().formatHex(hash));
  }

  @Test
  void refusesToHashAnythingButFloat32() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Safetensors.sha256(Map.of("a", manager.create(7L))))
        .withMessage("Expected \"a\" as float32, found int64. Convert it first.");
  }

  @Test
  void readingAndWritingLeaveNothingBehind() throws IOException {
    Map<String, NDArray> arrays = twoArrays();
    int before = manager.getManagedArrays().size();

    Safetensors.write(file, arrays);
    Safetensors.sha256(arrays);
    assertThat(manager.getManagedArrays()).hasSize(before);

    Safetensors.read(manager, file);
    assertThat(manager.getManagedArrays()).hasSize(before + arrays.size());
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

  private Map<String, NDArray> twoArrays() {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    arrays.put("b", manager.create(new float[] {1, 2.5f, -3}));
    arrays.put("a", manager.create(new float[] {4}, new Shape(1, 1)));
    return arrays;
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void refuses(String expected, String found) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Safetensors.read(manager, file))
        .withMessage(
            "Expected %s in %s, found %s. Copy or download the file again.", expected, file, found);
  }

  /** Lengthens the file, by a hole that takes no room on the disk. */
  private void resize(long bytes) throws IOException {
    overwrite(bytes - 1, ByteBuffer.allocate(1));
  }

  private void overwrite(long position, ByteBuffer bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(bytes, position);
    }
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
