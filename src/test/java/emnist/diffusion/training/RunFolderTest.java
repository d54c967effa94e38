package emnist.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import emnist.diffusion.files.KnownFreeSpace;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Room on the disk, for networks as large as it is; files of that size have holes. */
class RunFolderTest {

  private static final TrainingConfig CONFIG = TrainingConfig.fromJson("{\"num_epochs\": 1}");

  /** Weights, average and optimizer's state, in bytes. */
  private static final int BYTES_PER_PARAMETER = 16;

  @TempDir Path folder;
  private Path outputDir;

  @BeforeEach
  void chooseFolder() {
    outputDir = folder.resolve("emnist_diffusion_model");
  }

  @Test
  void anEpochThatWillBeReplacedMakesRoom() throws IOException {
    long free = KnownFreeSpace.assume(folder);
    long parameters = parametersOf(free * 2 / 3);
    assertThatExceptionOfType(IOException.class).isThrownBy(() -> open(parameters));

    write("epoch_1", free * 2 / 3);

    open(parameters).close();
  }

  @Test
  void anEpochThatWillStayDoesNot() throws IOException {
    long free = KnownFreeSpace.assume(folder);
    write("epoch_2", free * 2 / 3);

    assertThatExceptionOfType(IOException.class).isThrownBy(() -> open(parametersOf(free * 2 / 3)));
  }

  @Test
  void thereIsRoomForOneHoweverManyAreReplaced() throws IOException {
    long free = KnownFreeSpace.assume(folder);
    write("epoch_1", free * 4 / 3);

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> open(parametersOf(free * 10 / 9)));
  }

  @Test
  void roomIsLookedForAgainBeforeEachCheckpoint() {
    long free = KnownFreeSpace.assume(folder);
    RunFolder run = new RunFolder(outputDir, CONFIG, parametersOf(free * 10 / 9));

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> run.save("epoch_1", null))
        .withMessageMatching(
            "Expected \\d+ MB of free space for \\Q%s\\E, found .*".formatted(outputDir));
  }

  @Test
  void whatACrashLeftIsRemoved() throws IOException {
    write(".epoch_1-0123456789abcdef0123456789abcdef.partial", 1);

    open(1).close();

    assertThat(outputDir.resolve(".epoch_1-0123456789abcdef0123456789abcdef.partial"))
        .doesNotExist();
  }

  @Test
  void aFileThatIsNamedAsAnEpochIsLeftAlone() throws IOException {
    Path file = Files.createFile(Files.createDirectories(outputDir).resolve("epoch_2"));

    open(1).close();

    assertThat(file).exists();
  }

  @ParameterizedTest
  @ValueSource(strings = {"epoch_1", ".epoch_1.replaced", "interrupted", ".interrupted.replaced"})
  void aFileWhereACheckpointWillBeIsToldBeforeTheStart(String name) throws IOException {
    Path file = Files.writeString(Files.createDirectories(outputDir).resolve(name), "mine");

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> open(1))
        .withMessageMatching(
            "Expected (a folder|nothing) at \\Q%s\\E, found something else\\. Move it away, or choose another place\\."
                .formatted(file));
    assertThat(file).hasContent("mine");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ".replaced",
        ".partial",
        "..partial",
        ".x.replaced",
        ".x.partial",
        ".epoch_2.replaced"
      })
  void aFileThatIsNamedAsALeftoverIsLeftAlone(String name) throws IOException {
    Path file = Files.writeString(Files.createDirectories(outputDir).resolve(name), "mine");

    open(1).close();

    assertThat(file).hasContent("mine");
  }

  @Test
  void whatALinkNamedAsALeftoverLeadsToIsLeftAlone() throws IOException {
    Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
    Path file = Files.writeString(elsewhere.resolve("file"), "mine");
    Files.createDirectories(outputDir);
    for (String name :
        List.of(
            ".epoch_1.partial",
            ".epoch_1-0123456789abcdef0123456789abcdef.partial",
            ".epoch_1.replaced",
            ".x.replaced")) {
      Files.createSymbolicLink(outputDir.resolve(name), elsewhere);
    }

    open(1).close();

    assertThat(file).hasContent("mine");
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "file/below", "nowhere"})
  void aPlaceWithoutAFolderIsRefused(String name) throws IOException {
    Files.writeString(folder.resolve("file"), "mine");
    Files.createSymbolicLink(folder.resolve("nowhere"), folder.resolve("missing"));
    outputDir = folder.resolve(name);

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> open(1))
        .withMessageMatching(
            "Expected a folder at \\Q%s\\E/(file|nowhere), found something else\\. .+"
                .formatted(folder));
    assertThat(folder.resolve("file")).hasContent("mine");
    assertThat(folder.resolve("missing")).doesNotExist();
  }

  @Test
  void aFolderThatMayNotBeWrittenIsRefused() throws IOException {
    Files.createDirectories(outputDir);
    open(1).close();
    assumeTrue(outputDir.toFile().setWritable(false) && !Files.isWritable(outputDir));

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> open(1))
        .withMessageStartingWith("Expected the permission to write into " + outputDir);
  }

  @Test
  void whatACrashLeftWithinAnEpochIsRemoved() throws IOException {
    write("epoch_1", 1);
    Path leftover =
        Files.createFile(
            outputDir.resolve("epoch_1/.manifest.json-0123456789abcdef0123456789abcdef.partial"));

    open(1).close();

    assertThat(leftover).doesNotExist();
    assertThat(outputDir.resolve("epoch_1/weights")).exists();
  }

  @Test
  void aFolderThatIsRefusedIsNotMade() {
    long free = KnownFreeSpace.assume(folder);
    assertThatExceptionOfType(IOException.class).isThrownBy(() -> open(parametersOf(free)));

    assertThat(outputDir).doesNotExist();
  }

  private RunFolder open(long parameters) throws IOException {
    return RunFolder.open(outputDir, CONFIG, parameters, 1);
  }

  private static long parametersOf(long checkpointBytes) {
    return checkpointBytes / BYTES_PER_PARAMETER;
  }

  private void write(String name, long bytes) throws IOException {
    Path epoch = Files.createDirectories(outputDir.resolve(name));
    try (RandomAccessFile file = new RandomAccessFile(epoch.resolve("weights").toFile(), "rw")) {
      file.setLength(bytes);
    }
  }
}
