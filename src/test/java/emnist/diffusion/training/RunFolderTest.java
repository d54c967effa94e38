package emnist.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Room on the disk, for networks as large as it is; files of that size have holes. */
class RunFolderTest {

  private static final TrainingConfig CONFIG = TrainingConfig.fromJson("{\"num_epochs\": 1}");

  /** Weights, average and optimizer's state, in bytes. */
  private static final int BYTES_PER_PARAMETER = 16;

  @TempDir Path folder;
  private Path outputDir;
  private long free;

  @BeforeEach
  void askForRoom() throws IOException {
    outputDir = folder.resolve("emnist_diffusion_model");
    free = Files.getFileStore(folder).getUsableSpace();
  }

  @Test
  void anEpochThatWillBeReplacedMakesRoom() throws IOException {
    long parameters = parametersOf(free * 2 / 3);
    assertThatExceptionOfType(IOException.class).isThrownBy(() -> open(parameters));

    write("epoch_1", free * 2 / 3);

    open(parameters).close();
  }

  @Test
  void anEpochThatWillStayDoesNot() throws IOException {
    write("epoch_2", free * 2 / 3);

    assertThatExceptionOfType(IOException.class).isThrownBy(() -> open(parametersOf(free * 2 / 3)));
  }

  @Test
  void thereIsRoomForOneHoweverManyAreReplaced() throws IOException {
    write("epoch_1", free * 4 / 3);

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> open(parametersOf(free * 10 / 9)));
  }

  @Test
  void roomIsLookedForAgainBeforeEachCheckpoint() {
    RunFolder run = new RunFolder(outputDir, CONFIG, parametersOf(free * 10 / 9));

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> run.save("epoch_1", null))
        .withMessageMatching(
            "Expected \\d+ MB of free space for \\Q%s\\E, found .*".formatted(outputDir));
  }

  @Test
  void whatACrashLeftMakesRoom() throws IOException {
    write(".epoch_1.partial", free * 2 / 3);

    open(parametersOf(free * 2 / 3)).close();

    assertThat(outputDir.resolve(".epoch_1.partial")).doesNotExist();
  }

  @Test
  void aFileThatIsNamedAsAnEpochIsLeftAlone() throws IOException {
    Path file = Files.createFile(Files.createDirectories(outputDir).resolve("epoch_1"));

    open(1).close();

    assertThat(file).exists();
  }

  @Test
  void whatACrashLeftWithinAnEpochIsRemoved() throws IOException {
    write("epoch_1", 1);
    Path leftover = Files.createFile(outputDir.resolve("epoch_1/.manifest.json-1.partial"));

    open(1).close();

    assertThat(leftover).doesNotExist();
    assertThat(outputDir.resolve("epoch_1/weights")).exists();
  }

  @Test
  void aFolderThatIsRefusedIsNotMade() {
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
