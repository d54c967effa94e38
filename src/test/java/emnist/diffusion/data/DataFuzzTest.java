package emnist.diffusion.data;

import emnist.diffusion.IdxFiles;
import emnist.diffusion.MutationFuzz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DataFuzzTest {

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"images", "images.gz"})
  void imagesAreReadOrRefused(String name) throws Exception {
    Path file = folder.resolve(name);
    IdxFiles.writeImages(file, Fixtures.images(7));
    MutationFuzz.run(
        IOException.class,
        bytes -> {
          Files.write(file, bytes);
          Idx.readImages(file);
        },
        Files.readAllBytes(file));
  }

  @Test
  void anArchiveIsReadOrRefused() throws Exception {
    Path data = Files.createDirectory(folder.resolve("data"));
    Path archive = data.resolve("gzip.zip");
    Fixtures.writeLetters(folder.resolve("unpacked"), 26, ".gz");
    Fixtures.zip(folder.resolve("unpacked"), archive);
    Fixtures.writeCard(data, 26);
    MutationFuzz.run(
        IOException.class,
        bytes -> {
          Files.write(archive, bytes);
          EmnistDataset.open(data, EmnistSplit.LETTERS, true);
        },
        Files.readAllBytes(archive));
  }

  @Test
  void aMappingIsReadOrRefused() throws Exception {
    Path file = folder.resolve("mapping.txt");
    Files.writeString(file, Fixtures.text(EmnistSplit.LETTERS.mapping()));
    MutationFuzz.run(
        IOException.class,
        bytes -> {
          Files.write(file, bytes);
          ClassMapping.read(file);
        },
        Files.readAllBytes(file));
  }

  @Test
  void aCardIsReadOrRefused() throws Exception {
    Fixtures.writeCard(folder, 26);
    Path file = folder.resolve(EmnistFolder.CARD);
    MutationFuzz.run(
        IOException.class,
        bytes -> {
          Files.write(file, bytes);
          EmnistFolder.Card.read(file);
        },
        Files.readAllBytes(file));
  }
}
