package emnist.diffusion.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Set;
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
    Files.createDirectories(parent.resolve(".folder-1.partial"));

    AtomicFiles.restore(folder);
    AtomicFiles.removeLeftovers(parent);

    assertThat(folder.resolve(FILE)).hasContent("before");
    assertThat(names()).containsExactly("folder");
  }

  @Test
  void whatACrashLeftIsFoundThroughALink() throws IOException {
    Path real = Files.createDirectories(parent.resolve("real/.folder-1.partial")).getParent();
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
        Set.of(".replaced", "x.replaced", ".partial", "..partial", "x.partial", ".x-y.partial");
    for (String name : files) {
      Files.writeString(parent.resolve(name), "mine");
    }

    AtomicFiles.removeLeftovers(parent);

    assertThat(AtomicFiles.names(parent)).isEqualTo(files);
    assertThat(names()).containsExactlyInAnyOrderElementsOf(files);
  }

  @Test
  void whatACrashLeftOfAFileOrFolderIsRemovedADayLater() throws IOException {
    Path old = Files.createDirectory(parent.resolve(".folder-1.partial"));
    Files.writeString(old.resolve(FILE), "half");
    Files.setLastModifiedTime(old, FileTime.fromMillis(0));
    Path recent = Files.writeString(parent.resolve(".folder-2.partial"), "half");

    write("after");

    assertThat(names()).containsExactlyInAnyOrder("folder", recent.getFileName().toString());
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
