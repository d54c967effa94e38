package emnist.diffusion.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
    KnownFreeSpace.assume(folder);
    Path inside = folder.resolve("a/b");

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> FreeSpace.require(inside, 1L << 60))
        .withMessageMatching(
            "Expected 1152921504607 MB of free space for \\Q%s\\E, found \\d+ MB\\. Make room or name another folder\\."
                .formatted(inside));
    assertThat(inside).doesNotExist();
  }

  @Test
  void aDiskWhoseFreeSpaceIsUnknownPasses() throws IOException {
    Path modules = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("/modules");
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> Files.getFileStore(modules).getUsableSpace());

    FreeSpace.require(modules, 1L << 60);
  }

  @Test
  void whatIsNeededAndWhatIsThereNeverLookTheSame() {
    long free = KnownFreeSpace.assume(folder);
    IOException refusal =
        catchThrowableOfType(IOException.class, () -> FreeSpace.require(folder, free + 500_000));
    assumeTrue(refusal != null, "room was made meanwhile");

    Matcher numbers = Pattern.compile("(\\d+) MB .* found (\\d+) MB").matcher(refusal.getMessage());
    assertThat(numbers.find()).isTrue();
    assertThat(numbers.group(1)).isNotEqualTo(numbers.group(2));
  }

  @Test
  void aDriveThatIsMissingPasses() throws IOException {
    Path zip = folder.resolve("drive.zip");
    FileSystem drive = FileSystems.newFileSystem(zip, Map.of("create", "true"));
    Path root = drive.getPath("/");
    drive.close();

    FreeSpace.require(root, 1L << 60);
  }
}
