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
      FolderLock.take(Path.of(arguments[0]));
      System.out.println("holding");
      Thread.sleep(60_000);
    }
  }

  @Test
  void refusesASecondInTheSameProcess() throws IOException {
    FolderLock lock = FolderLock.take(folder);

    assertThatIllegalStateException()
        .isThrownBy(() -> FolderLock.take(folder))
        .withMessage(
            "Expected to be the only one that trains into %s, found this very program there. Wait for its end, stop it, or choose another folder.",
            folder);
    lock.close();
  }

  @Test
  void isTakenAgainAfterItWasGivenBack() throws IOException {
    FolderLock.take(folder).close();
    FolderLock.take(folder).close();

    assertThat(folder.resolve(".lock")).exists();
  }

  @Test
  void namesTheProcessThatHoldsItAndSurvivesItsDeath() throws Exception {
    Process holder = JavaProcess.start(Holder.class, folder.toString());
    try {
      JavaProcess.awaitLine(holder, "holding");
      assertThatIllegalStateException()
          .isThrownBy(() -> FolderLock.take(folder))
          .withMessageMatching(
              "Expected to be the only one that trains into \\Q%s\\E, found process %d since \\S+Z there\\. Wait .*"
                  .formatted(folder, holder.pid()));
    } finally {
      holder.destroyForcibly().waitFor();
    }

    FolderLock.take(folder).close();
  }

  @Test
  void makesTheFolder() throws IOException {
    FolderLock.take(folder.resolve("a/b")).close();

    assertThat(Files.isDirectory(folder.resolve("a/b"))).isTrue();
  }
}
