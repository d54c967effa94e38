package emnist.diffusion.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WeightFilesTest {

  private static final String WEIGHTS = "diffusion_pytorch_model.safetensors";
  private static final String INDEX = WEIGHTS + ".index.json";
  private static final String FIRST = "diffusion_pytorch_model-00001-of-00002.safetensors";
  private static final String SECOND = "diffusion_pytorch_model-00002-of-00002.safetensors";

  private final NDManager manager = NDManager.newBaseManager();

  @TempDir Path folder;

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        WEIGHTS,
        "diffusion_pytorch_model.fp16.safetensors",
        "diffusion_pytorch_model.non_ema.safetensors",
        "model.safetensors",
        "model.fp16.safetensors"
      })
  void findsTheOnlyFile(String name) throws IOException {
    write(name, "a");

    assertThat(WeightFiles.of(folder).files()).containsExactly(folder.resolve(name));
  }

  @Test
  void takesTheFileRatherThanAVariantOfIt() throws IOException {
    write(WEIGHTS, "a");
    write("diffusion_pytorch_model.fp16.safetensors", "a");

    assertThat(WeightFiles.of(folder))
        .isEqualTo(
            new WeightFiles(
                List.of(folder.resolve(WEIGHTS)),
                List.of("diffusion_pytorch_model.fp16.safetensors")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        INDEX,
        "diffusion_pytorch_model.safetensors.index.fp16.json",
        "model.safetensors.index.json"
      })
  void findsTheShardsOfAnIndexInItsOrder(String index) throws IOException {
    write(FIRST, "a");
    write(SECOND, "b");
    Files.writeString(
        folder.resolve(index),
        "{\"weight_map\": {\"b\": \"%s\", \"a\": \"%s\"}}".formatted(SECOND, FIRST));

    assertThat(WeightFiles.of(folder).files())
        .containsExactly(folder.resolve(SECOND), folder.resolve(FIRST));
  }

  @Test
  void takesTheShardsRatherThanTheFileAsDiffusersDoes() throws IOException {
    write(WEIGHTS, "a");
    write(FIRST, "a");
    writeIndex(INDEX, Map.of("a", FIRST));

    assertThat(WeightFiles.of(folder).files()).containsExactly(folder.resolve(FIRST));
  }

  @Test
  void aFileStandsForItself() throws IOException {
    write("model.safetensors", "a");
    Path second = write("model_1.safetensors", "a");

    assertThat(WeightFiles.of(second)).isEqualTo(new WeightFiles(List.of(second), List.of()));
  }

  @Test
  void leavesPicklesAndOtherNetworksAlone() throws IOException {
    write("model.safetensors", "a");
    write("model_1.safetensors", "a");
    for (String name : List.of("x.bin", "x.pt", "x.pth", "x.ckpt", "x.pkl", "x.json", "x.txt")) {
      Files.writeString(folder.resolve(name), "");
    }

    assertThat(WeightFiles.of(folder).ignored())
        .containsExactly(
            "model_1.safetensors",
            "x.bin (a pickle)",
            "x.ckpt (a pickle)",
            "x.pkl (a pickle)",
            "x.pt (a pickle)",
            "x.pth (a pickle)");
  }

  @Test
  void refusesSeveralVariants() throws IOException {
    write("diffusion_pytorch_model.fp16.safetensors", "a");
    write("diffusion_pytorch_model.bf16.safetensors", "a");

    refuses(
        "Expected one network in %s, found diffusion_pytorch_model.bf16.safetensors,"
            + " diffusion_pytorch_model.fp16.safetensors. Name the file to read.",
        folder);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bin", "pt", "pth", "ckpt", "pkl"})
  void refusesAFolderWithOnlyAPickle(String extension) throws IOException {
    Files.writeString(folder.resolve("diffusion_pytorch_model." + extension), "");

    refuses(
        "Expected diffusion_pytorch_model.safetensors in %s, found diffusion_pytorch_model.%s,"
            + " a pickle, which could run any program. Save it again with safe_serialization=True.",
        folder, extension);
  }

  @Test
  void refusesAFolderWithOnlyPicklesAndNamesThem() throws IOException {
    for (String name : List.of("pytorch_model.bin", "optimizer.bin", "random_states_0.pkl")) {
      Files.writeString(folder.resolve(name), "");
    }

    refuses(
        "Expected diffusion_pytorch_model.safetensors in %s, found optimizer.bin,"
            + " pytorch_model.bin, random_states_0.pkl, pickles, which could run any program."
            + " Save it again with safe_serialization=True.",
        folder);
  }

  @Test
  void refusesAPickleByItself() throws IOException {
    Path pickle = Files.writeString(folder.resolve("pytorch_model.bin"), "");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> WeightFiles.of(pickle))
        .withMessage(
            "Expected diffusion_pytorch_model.safetensors in %s, found pytorch_model.bin, a pickle,"
                + " which could run any program. Save it again with safe_serialization=True.",
            folder);
  }

  @Test
  void refusesAFolderWithoutWeights() {
    refuses(
        "Expected a safetensors file at %s, found none. Check the path.", folder.resolve(WEIGHTS));
  }

  @Test
  void refusesAMissingShard() throws IOException {
    write(FIRST, "a");
    writeIndex(INDEX, Map.of("a", FIRST, "b", SECOND));

    refuses(
        "Expected the shard %s that %s names, found none. Copy or download the folder again.",
        folder.resolve(SECOND), INDEX);
  }

  @Test
  void refusesAShardWithoutAnArrayThatTheIndexNames() throws IOException {
    write(FIRST, "a");
    writeIndex(INDEX, Map.of("a", FIRST, "b", FIRST));

    refuses(
        "Expected \"b\" in %s, as %s says, found no such array."
            + " Copy or download the folder again.",
        folder.resolve(FIRST), INDEX);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../a.safetensors",
        "/a.safetensors",
        "b/a.safetensors",
        "..safetensors",
        "C:a.safetensors",
        "b\\a.safetensors",
        "\n/a.safetensors",
        "a\0.safetensors",
        "a.bin"
      })
  void refusesAShardThatIsNotASafetensorsFileOfTheFolder(String shard) throws IOException {
    writeIndex(INDEX, Map.of("a", shard));

    refuses(
        "Expected the name of a safetensors file of its own folder in %s, found \"%s\"."
            + " Do not use this folder.",
        folder.resolve(INDEX), shard);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ``                                | an early end
          text                              | an error at line 1 column 1
          []                                | an array instead of an object
          {}                                | nothing instead of an object
          {"weight_map": 3}                 | 3 instead of an object
          {"weight_map": {"a": null}}       | null instead of a string
          {"weight_map": {"a": []}}         | an array instead of a string
          {"weight_map": {"a": {}}}         | an object instead of a string
          {"weight_map": {"a": 1}}          | 1 instead of a string
          {"weight_map": {}, "weight_map": {}} | the name "weight_map" twice
          {weight_map: {}}                  | an error at line 1 column 2
          """)
  void refusesAnIndexThatIsNotOne(String json, String found) throws IOException {
    Files.writeString(folder.resolve(INDEX), json);

    refusesIndex(found);
  }

  @Test
  void refusesAnIndexThatIsNoUtf8() throws IOException {
    Files.write(folder.resolve(INDEX), new byte[] {'"', (byte) 0xff, '"'});

    refusesIndex("bytes that are not UTF-8");
  }

  private void refusesIndex(String found) {
    refuses(
        "Expected a JSON object with a \"weight_map\" of names in %s, found %s."
            + " Copy or download the folder again.",
        folder.resolve(INDEX), found);
  }

  private void refuses(String message, Object... arguments) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WeightFiles.of(folder))
        .withMessage(message, arguments);
  }

  private Path write(String file, String array) throws IOException {
    Safetensors.write(folder.resolve(file), Map.of(array, manager.create(1f)));
    return folder.resolve(file);
  }

  private void writeIndex(String file, Map<String, String> weightMap) throws IOException {
    ShardedFolder.writeIndex(folder.resolve(file), weightMap);
  }
}
