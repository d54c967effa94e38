package emnist.diffusion.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {

  private static final String FILE = "file";

  @TempDir Path parent;
  private Path folder;

  @BeforeEach
  void nameAFolder() {
    folder = parent.resolve("folder");
  }

  @Test
  void aFileThatFailsLeavesTheOneThatWasThere() throws IOException {
    Path file = Files.writeString(parent.resolve(FILE), "before");

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> AtomicFiles.writeFile(file, AtomicFilesTest::writeHalf));

    assertThat(file).hasContent("before");
    assertThat(names()).containsExactly(FILE);
  }

  @Test
  void aFolderThatFailsLeavesTheOneThatWasThere() throws IOException {
    write("before");

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(
            () -> AtomicFiles.writeFolder(folder, partial -> writeHalf(partial.resolve(FILE))));

    assertThat(folder.resolve(FILE)).hasContent("before");
    assertThat(names()).containsExactly("folder");
  }

  @Test
  void aFolderReplacesAnotherWhole() throws IOException {
    write("before");
    Files.writeString(folder.resolve("more"), "of the old one");

    write("after");

    assertThat(folder.resolve(FILE)).hasContent("after");
    assertThat(folder.resolve("more")).doesNotExist();
    assertThat(names()).containsExactly("folder");
  }

  @Test
  void theOldFolderIsReadWhereACrashCameBetweenTheTwo() throws IOException {
    crashBetween();

    assertThat(AtomicFiles.readable(folder).resolve(FILE)).hasContent("before");
    assertThat(AtomicFiles.names(parent)).contains("folder");
  }

  @Test
  void theOldFolderComesBackWhereACrashCameBetweenTheTwo() throws IOException {
    crashBetween();
    Files.createDirectories(parent.resolve(".folder-0123456789abcdef0123456789abcdef.partial"));

    AtomicFiles.restore(folder);
    AtomicFiles.removeLeftovers(parent);

    assertThat(folder.resolve(FILE)).hasContent("before");
    assertThat(names()).containsExactly("folder");
  }

  @Test
  void whatACrashLeftIsFoundThroughALink() throws IOException {
    Path real =
        Files.createDirectories(
                parent.resolve("real/.folder-0123456789abcdef0123456789abcdef.partial"))
            .getParent();
    Path link = Files.createSymbolicLink(parent.resolve("link"), real);

    AtomicFiles.removeLeftovers(link);

    assertThat(real).isEmptyDirectory();
  }

  @Test
  void theOldFolderGoesWhereACrashCameAfterTheNewOne() throws IOException {
    crashBetween();
    Files.createDirectories(folder);

    AtomicFiles.restore(folder);

    assertThat(folder).isEmptyDirectory();
    assertThat(names()).containsExactly("folder");
  }

  @Test
  void whatIsWrittenNextClearsAwayWhatACrashLeft() throws IOException {
    crashBetween();

    write("after");

    assertThat(folder.resolve(FILE)).hasContent("after");
    assertThat(names()).containsExactly("folder");
  }

  @Test
  void aDeletedFolderIsGone() throws IOException {
    write("before");

    AtomicFiles.deleteFolder(folder);
    AtomicFiles.deleteFolder(folder);

    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void aFolderThatIsNotThereHasNoNames() throws IOException {
    assertThat(AtomicFiles.names(parent.resolve("nowhere"))).isEmpty();
  }

  @Test
  void namesThatOnlyLookUnfinishedAreLeftAlone() throws IOException {
    Set<String> files =
        Set.of(".replaced", "x.replaced", ".partial", "..partial", "x.partial", ".x-1.partial");
    for (String name : files) {
      Files.writeString(parent.resolve(name), "mine");
    }

    AtomicFiles.removeLeftovers(parent);

    assertThat(AtomicFiles.names(parent)).isEqualTo(files);
    assertThat(names()).containsExactlyInAnyOrderElementsOf(files);
  }

  @Test
  void whatACrashLeftOfAFileOrFolderIsRemovedADayLater() throws IOException {
    Path old =
        Files.createDirectory(parent.resolve(".folder-0123456789abcdef0123456789abcdef.partial"));
    Files.writeString(old.resolve(FILE), "half");
    Files.setLastModifiedTime(old, FileTime.fromMillis(0));
    Path recent =
        Files.writeString(
            parent.resolve(".folder-0123456789abcdef0123456789abcdee.partial"), "half");

    write("after");

    assertThat(names()).containsExactlyInAnyOrder("folder", recent.getFileName().toString());
  }

  @Test
  void aReaderSeesACompleteFileWhileTwoWriteIt() throws Exception {
    Path file = parent.resolve(FILE);
    byte[] content = new byte[100_000];
    AtomicFiles.writeFile(file, path -> Files.write(path, content));
    Runnable writing =
        () -> {
          try {
            for (int i = 0; i < 50; i++) {
              AtomicFiles.writeFile(file, path -> Files.write(path, content));
            }
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        };
    CompletableFuture<Void> both =
        CompletableFuture.allOf(
            CompletableFuture.runAsync(writing), CompletableFuture.runAsync(writing));

    while (!both.isDone()) {
      assertThat(Files.size(file)).isEqualTo(content.length);
    }
    both.get();
    assertThat(names()).containsExactly(FILE);
  }

  @Test
  void whatVanishesMeanwhileIsNotCounted() throws Exception {
    CompletableFuture<Void> changing =
        CompletableFuture.runAsync(
            () -> {
              try {
                for (int i = 0; i < 500; i++) {
                  Path file = Files.createDirectories(parent.resolve("a/b")).resolve(FILE);
                  Files.writeString(file, "text");
                  FileTree.delete(parent.resolve("a"));
                }
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });

    while (!changing.isDone()) {
      assertThat(FileTree.bytes(parent)).isBetween(0L, 4L);
    }
    changing.get();
  }

  @Test
  void whatIsNoFileIsNotReplacedByOne() throws IOException {
    Files.createDirectory(folder);

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> AtomicFiles.writeFile(folder, path -> Files.writeString(path, "text")))
        .withMessage(
            "Expected a file at %s, found something else. Move it away, or choose another place.",
            folder);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(
            () ->
                AtomicFiles.writeFile(
                    Path.of("/dev/null"), path -> Files.writeString(path, "text")));
  }

  @Test
  void aFailureNamesTheFileAndNotItsHiddenName() {
    Path file = parent.resolve(FILE);

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> AtomicFiles.writeFile(file, AtomicFilesTest::writeHalf))
        .withMessage(
            "Expected to write %s, found disk full. Check the disk and the permissions, then try again.",
            file);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(
            () -> AtomicFiles.writeFile(file, path -> Files.createFile(path.resolve("below"))))
        .withMessageStartingWith(
            "Expected to write %s, found java.nio.file.NoSuchFileException: %s/below. ",
            file, file);
  }

  private void write(String text) throws IOException {
    AtomicFiles.writeFolder(folder, partial -> Files.writeString(partial.resolve(FILE), text));
  }

  private void crashBetween() throws IOException {
    write("before");
    Files.move(folder, parent.resolve(".folder.replaced"));
  }

  private static void writeHalf(Path file) throws IOException {
    Files.writeString(file, "half");
    throw new IOException("disk full");
  }

  private List<String> names() throws IOException {
    try (Stream<Path> children = Files.list(parent)) {
      return children.map(child -> child.getFileName().toString()).toList();
    }
  }
}
