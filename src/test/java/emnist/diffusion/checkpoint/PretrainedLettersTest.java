package emnist.diffusion.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import emnist.diffusion.ProjectJar;
import emnist.diffusion.TinyModel;
import emnist.diffusion.files.FileTree;
import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.scheduler.DDPMSchedulerConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The network in the box. */
class PretrainedLettersTest {

  private static final String INDEX = "model_index.json";
  private static final String WEIGHTS = "unet/diffusion_pytorch_model.safetensors";
  private static final List<String> FILES =
      List.of("README.md", INDEX, "scheduler/scheduler_config.json", "unet/config.json", WEIGHTS);

  private final NDManager manager = NDManager.newBaseManager();

  @TempDir private Path folder;

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @Test
  void oneLineLoadsANetworkOf26LettersAndItsNullClass() throws Exception {
    DDPMPipeline letters = DDPMPipeline.pretrained(manager);

    assertThat(letters.unet().config().sampleSize()).isEqualTo(28);
    assertThat(letters.unet().config().numClassEmbeds()).isEqualTo(27);
    assertThat(letters.nullClass()).isEqualTo(26);
    assertThat(letters.conditioning().labels(new int[] {0, 25})).containsExactly(0, 25);
    assertThat(letters.scheduler().timesteps()).hasSize(1000);
    assertThat(letters.unet().parameters().values())
        .extracting(NDArray::getDataType)
        .containsOnly(DataType.FLOAT32);
  }

  @Test
  void itGeneratesWithAndWithoutGuidance() throws Exception {
    DDPMPipeline letters = DDPMPipeline.pretrained(manager);

    for (double scale : new double[] {0, 1, 2}) {
      ImageBatch images = letters.generate(new int[] {0, 25}, new long[] {1, 2}, 2, scale);

      assertThat(images.n()).isEqualTo(2);
      assertThat(images.pixels()).hasSize(2 * 28 * 28);
      for (float pixel : images.pixels()) {
        assertThat(pixel).isBetween(-1f, 1f);
      }
    }
  }

  @Test
  void aCopyHasTheBytesOfTheClassPathAndAtMostFourMegabytes() throws Exception {
    Path copy = PretrainedLetters.copyTo(folder.resolve("new/pretrained"));

    assertThat(FileTree.of(copy).stream().filter(Files::isRegularFile).map(copy::relativize))
        .extracting(Path::toString)
        .containsExactlyInAnyOrderElementsOf(FILES);
    for (String name : FILES) {
      try (InputStream in = PretrainedModel.class.getResourceAsStream("pretrained/" + name)) {
        assertThat(copy.resolve(name)).hasBinaryContent(in.readAllBytes());
      }
    }
    assertThat(FileTree.bytes(copy)).isLessThan(4_000_000);
  }

  @Test
  void aCopyIsTheNetworkOfThePipeline() throws Exception {
    Checkpoint copy = new Checkpoint(PretrainedLetters.copyTo(folder));

    assertThat(copy.nullClass()).isEqualTo(26);
    assertThat(copy.whatIsAbsent()).isEqualTo("There is no unet_ema: the only weights are used.");
    assertThat(Safetensors.sha256(copy.unet(manager).parameters()))
        .isEqualTo(Safetensors.sha256(DDPMPipeline.pretrained(manager).unet().parameters()));
    assertThat(Checkpoint.existsIn(folder)).isTrue();
    assertThat(Checkpoint.of(folder, 50)).isEqualTo(copy);
  }

  @Test
  void copyingAgainLeavesTheCopyAndAUsersNotesAlone() throws Exception {
    PretrainedLetters.copyTo(folder);
    FileTime early = FileTime.fromMillis(0);
    Files.setLastModifiedTime(folder.resolve(WEIGHTS), early);
    Files.writeString(folder.resolve("notes.txt"), "mine");

    PretrainedLetters.copyTo(folder);

    assertThat(Files.getLastModifiedTime(folder.resolve(WEIGHTS))).isEqualTo(early);
    assertThat(folder.resolve("notes.txt")).hasContent("mine");
  }

  @Test
  void anOlderCopyIsReplaced() throws Exception {
    PretrainedLetters.copyTo(folder);
    byte[] weights = Files.readAllBytes(folder.resolve(WEIGHTS));
    Files.writeString(folder.resolve(WEIGHTS), "older");

    PretrainedLetters.copyTo(folder);

    assertThat(folder.resolve(WEIGHTS)).hasBinaryContent(weights);
  }

  @Test
  void whatIsNoCopyIsRefusedAndLeftAlone() throws Exception {
    UNet2DModel own = TinyModel.create(manager, 1);
    Path saved = folder.resolve("own");
    PretrainedModel.savePipeline(
        saved, own, DDPMSchedulerConfig.defaults(), null, SavePrecision.FLOAT32);
    Path file = Files.writeString(folder.resolve("file"), "mine");
    byte[] weights = Files.readAllBytes(saved.resolve(WEIGHTS));

    for (Path other : List.of(saved, file, folder)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> PretrainedLetters.copyTo(other))
          .withMessage(
              "Expected a new or an empty folder at %s, found other files. Name another folder.",
              other);
    }
    assertThat(saved.resolve(WEIGHTS)).hasBinaryContent(weights);
    assertThat(file).hasContent("mine");
  }

  @Test
  void severalThatCopyAtOnceAllEndWell() {
    for (int round = 0; round < 20; round++) {
      Path copy = folder.resolve("copy-" + round);
      IntStream.range(0, 4)
          .mapToObj(i -> CompletableFuture.supplyAsync(() -> copied(copy)))
          .toList()
          .forEach(made -> assertThat(made.join()).isEqualTo(copy));
    }
    assertThat(folder.toFile().list()).hasSize(20);
  }

  private static Path copied(Path copy) {
    try {
      return PretrainedLetters.copyTo(copy);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void copiesFromAJar() throws Exception {
    Path copy = folder.resolve("copy");
    try (URLClassLoader jar = ProjectJar.in(folder, PretrainedLetters.class)) {
      copyTo(jar).invoke(null, copy);
    }

    FileTime written = Files.getLastModifiedTime(copy);
    PretrainedLetters.copyTo(copy);
    assertThat(Files.getLastModifiedTime(copy)).isEqualTo(written);
  }

  @Test
  void aFileThatTheClassPathHasLostIsNamed() throws Exception {
    Path copy = folder.resolve("copy");
    try (URLClassLoader jar = ProjectJar.in(folder, PretrainedLetters.class, WEIGHTS)) {
      Method copyTo = copyTo(jar);

      assertThatThrownBy(() -> copyTo.invoke(null, copy))
          .isInstanceOf(InvocationTargetException.class)
          .cause()
          .isInstanceOf(IOException.class)
          .hasMessage(
              "Expected the pretrained letters on the class path, found no %s. Build the project again.",
              WEIGHTS);
    }
    assertThat(copy).doesNotExist();
  }

  private static Method copyTo(URLClassLoader jar) throws Exception {
    return jar.loadClass(PretrainedLetters.class.getName()).getMethod("copyTo", Path.class);
  }

  @Test
  void aNullClassThatIsNoNumberIsRefusedWithItsFile() throws Exception {
    PretrainedLetters.copyTo(folder);
    Files.writeString(folder.resolve(INDEX), "{\"_null_class\": \"the last\"}");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> DDPMPipeline.fromPretrained(manager, folder))
        .withMessageStartingWith("Expected ")
        .withMessageContainingAll("_null_class", folder.resolve(INDEX).toString());
  }

  @Test
  void aNullClassThatTheNetworkLacksIsRefused() throws Exception {
    PretrainedLetters.copyTo(folder);
    Files.writeString(folder.resolve(INDEX), "{\"_null_class\": 27}");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> DDPMPipeline.fromPretrained(manager, folder))
        .withMessage(
            "Expected a class of the network as the null class, found 27 of 27. Pass the one that label dropout used, usually the last.");
  }
}
