package emnist.diffusion.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import emnist.diffusion.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderLockTest {

  @TempDir Path folder;

  /** Holds the lock of a folder until it is killed. */
  static final class Holder {
    public static void main(String[] arguments) throws IOException, InterruptedException {
      FolderLock.take(Path.of(arguments[0]), "training");
      System.out.println("holding");
      Thread.sleep(60_000);
    }
  }

  @Test
  void refusesASecondInTheSameProcess() throws IOException {
    FolderLock lock = FolderLock.take(folder, "training");

    assertThatIllegalStateException()
        .isThrownBy(() -> FolderLock.take(folder, "training"))
        .withMessage(
            "Expected no other training in %s, found one in this process, perhaps of an interrupted cell that is still saving. Wait until it has saved, then run the cell again.",
            folder);
    lock.close();
  }

  @Test
  void isTakenAgainAfterItWasGivenBack() throws IOException {
    FolderLock.take(folder, "training").close();
    FolderLock.take(folder, "training").close();

    assertThat(folder.resolve(".lock")).exists();
  }

  @Test
  void namesTheProcessThatHoldsItAndSurvivesItsDeath() throws Exception {
    Process holder = JavaProcess.start(Holder.class, folder.toString());
    try {
      JavaProcess.awaitLine(holder, "holding");
      assertThatIllegalStateException()
          .isThrownBy(() -> FolderLock.take(folder, "training"))
          .withMessageMatching(
              "Expected no other training in \\Q%s\\E, found one by process %s since \\S+Z\\. Wait .*"
                  .formatted(folder, holder.pid()));
    } finally {
      holder.destroyForcibly().waitFor();
    }

    FolderLock.take(folder, "training").close();
  }

  @Test
  void makesTheFolder() throws IOException {
    FolderLock.take(folder.resolve("a/b"), "training").close();

    assertThat(Files.isDirectory(folder.resolve("a/b"))).isTrue();
  }
}
