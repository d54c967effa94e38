package emnist.diffusion.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FreeSpaceTest {

  @TempDir Path folder;

  @Test
  void acceptsWhatFits() throws IOException {
    FreeSpace.require(folder, 1);
  }

  @Test
  void refusesWhatDoesNotFitAFolderThatIsStillToBeMade() {
    Path inside = folder.resolve("a/b");

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> FreeSpace.require(inside, 1L << 60))
        .withMessageMatching(
            "Expected 1152921504606 MB of free space for \\Q%s\\E, found \\d+ MB\\. Make room or name another folder\\."
                .formatted(inside));
    assertThat(inside).doesNotExist();
  }
}
