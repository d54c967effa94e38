package emnist.diffusion.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import emnist.diffusion.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
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
  void aLinkAndWhatItLeadsToAreLeftAlone() throws IOException {
    Path other = Files.writeString(folder.resolve("thesis.txt"), "mine");
    for (Path target : List.of(other, folder.resolve("nowhere"))) {
      Files.createSymbolicLink(folder.resolve(".lock"), target);

      assertRefused();

      Files.delete(folder.resolve(".lock"));
    }
    assertThat(other).hasContent("mine");
    assertThat(folder.resolve("nowhere")).doesNotExist();
  }

  @Test
  void anotherNameOfAUsersFileIsLeftAlone() throws IOException {
    Path other = Files.writeString(folder.resolve("thesis.txt"), "process by process");
    Files.createLink(folder.resolve(".lock"), other);

    assertRefused();

    assertThat(other).hasContent("process by process");
  }

  @Test
  void aFolderOfThatNameIsLeftAlone() throws IOException {
    Files.createDirectory(folder.resolve(".lock"));

    assertRefused();
  }

  @Test
  @Timeout(60)
  void aPipeOfThatNameIsLeftAlone() throws Exception {
    String pipe = folder.resolve(".lock").toString();
    assumeTrue(new ProcessBuilder("mkfifo", pipe).start().waitFor() == 0, "no pipes here");

    assertRefused();
  }

  private void assertRefused() {
    assertThatIOException()
        .isThrownBy(() -> FolderLock.take(folder, "training"))
        .withMessage(
            "Expected a file of this program at %s, found something else. Move it away, or choose another folder.",
            folder.resolve(".lock"));
  }

  @Test
  void takesWhatAPowerCutLeftOfIt() throws IOException {
    for (String left : List.of("", "\0".repeat(40), "process 12 since 2026")) {
      Files.writeString(folder.resolve(".lock"), left);

      FolderLock.take(folder, "training").close();

      assertThat(folder.resolve(".lock"))
          .content()
          .matches("process %s since \\S+Z\n".formatted(ProcessHandle.current().pid()));
    }
  }

  @Test
  void makesTheFolder() throws IOException {
    FolderLock.take(folder.resolve("a/b"), "training").close();

    assertThat(Files.isDirectory(folder.resolve("a/b"))).isTrue();
  }
}
