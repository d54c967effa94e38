package emnist.diffusion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.IdxFiles;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.torch.ImageArrays;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmnistDatasetTest {

  @TempDir Path folder;

  private EmnistDataset transposed(int firstLabel, int... labels) throws IOException {
    IdxFiles.writeImages(folder.resolve("images"), Fixtures.images(labels.length));
    IdxFiles.writeLabels(folder.resolve("labels"), Fixtures.bytes(labels));
    return EmnistDataset.fromIdx(
        folder.resolve("images"),
        folder.resolve("labels"),
        EmnistDataset.Orientation.TRANSPOSED,
        ClassMapping.ofCharacters(firstLabel, "AB"));
  }

  @Test
  void uprightImagesStayAsStored() throws IOException {
    EmnistDataset dataset = Fixtures.dataset(folder, "AB", 0, 1);
    assertThat(dataset.height()).isEqualTo(2);
    assertThat(dataset.width()).isEqualTo(3);
    assertThat(dataset.images(1).pixels())
        .containsExactly(scaled(6), scaled(7), scaled(8), scaled(9), scaled(10), scaled(11));
  }

  @Test
  void transposedImagesAreTurnedUpright() throws IOException {
    EmnistDataset dataset = transposed(0, 0, 1);
    assertThat(dataset.height()).isEqualTo(3);
    assertThat(dataset.width()).isEqualTo(2);
    assertThat(dataset.images(1).pixels())
        .containsExactly(scaled(6), scaled(9), scaled(7), scaled(10), scaled(8), scaled(11));
  }

  private static float scaled(int value) {
    return (value / 255f - 0.5f) / 0.5f;
  }

  @Test
  void pixelsLieBetweenMinusOneAndOne() throws IOException {
    float[] pixels = Fixtures.dataset(folder, "A", new int[43]).images(0, 42).pixels();
    assertThat(pixels[0]).isEqualTo(-1f);
    assertThat(pixels[6 + 3]).isEqualTo(1f);
  }

  @Test
  void imagesComeInTheOrderAskedFor() throws IOException {
    EmnistDataset dataset = Fixtures.dataset(folder, "AB", 0, 1, 0);
    ImageBatch images = dataset.images(2, 0, 2);
    assertThat(images.n()).isEqualTo(3);
    assertThat(images.channels()).isEqualTo(1);
    assertThat(images.slice(0, 1).pixels())
        .isEqualTo(dataset.images(2).pixels())
        .isEqualTo(images.slice(2, 3).pixels());
  }

  @Test
  void refusesAnIndexOutside() throws IOException {
    EmnistDataset dataset = Fixtures.dataset(folder, "AB", 0, 1);
    assertThatThrownBy(() -> dataset.images(2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> dataset.images(-1)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void classesCountFromZero() throws IOException {
    EmnistDataset dataset = transposed(1, 1, 2, 1);
    assertThat(IntStream.range(0, 3).map(dataset::label)).containsExactly(0, 1, 0);
    assertThat(dataset.classNames()).containsExactly("A", "B");
  }

  @Test
  void refusesALabelWithoutAClass() {
    assertThatThrownBy(() -> transposed(1, 1, 2, 3))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "Expected labels from 1 to 2 in %s, found 3 at position 2. Pass the mapping that belongs to these labels.",
            folder.resolve("labels"));
  }

  @Test
  void refusesMoreLabelsThanImages() throws IOException {
    IdxFiles.writeImages(folder.resolve("images"), Fixtures.images(2));
    IdxFiles.writeLabels(folder.resolve("labels"), new byte[3]);
    assertThatThrownBy(
            () ->
                EmnistDataset.fromIdx(
                    folder.resolve("images"),
                    folder.resolve("labels"),
                    EmnistDataset.Orientation.UPRIGHT,
                    ClassMapping.ofCharacters(0, "A")))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "Expected as many images as labels and at least one, found 2 images in %s and 3 labels in %s. Fetch both files again.",
            folder.resolve("images"), folder.resolve("labels"));
  }

  @Test
  void limitTakesTheFirstOfEachClass() throws IOException {
    EmnistDataset dataset = Fixtures.dataset(folder, "ABC", 0, 0, 0, 1, 1, 2);
    EmnistDataset limited = dataset.limit(5);
    assertThat(IntStream.range(0, 5).map(limited::label)).containsExactly(0, 0, 1, 1, 2);
    assertThat(limited.images(0, 1, 2, 3, 4).pixels())
        .isEqualTo(dataset.images(0, 1, 3, 4, 5).pixels());
  }

  @Test
  void limitIsSaidInTheSource() throws IOException {
    EmnistDataset dataset = Fixtures.dataset(folder, "A", 0, 0, 0);
    assertThat(dataset.limit(2).source())
        .isEqualTo("images of %s, limited to 2 images".formatted(folder.resolve("images")));
  }

  @Test
  void limitBeyondTheSizeChangesNothing() throws IOException {
    EmnistDataset dataset = Fixtures.dataset(folder, "A", 0, 0);
    assertThat(dataset.limit(2)).isSameAs(dataset);
  }

  @Test
  void refusesALimitOfZero() throws IOException {
    EmnistDataset dataset = Fixtures.dataset(folder, "A", 0, 0);
    assertThatThrownBy(() -> dataset.limit(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Expected a limit of at least 1 image, found 0. Pass a positive number.");
  }

  @Test
  void everyByteIsScaledAsOnTheDeviceToTheBit() throws IOException {
    EmnistDataset dataset = Fixtures.dataset(folder, "A", new int[43]); // 258 pixels from 0 up
    int[] all = IntStream.range(0, dataset.size()).toArray();
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray bytes =
          manager.create(dataset.pixels(), new Shape(dataset.size(), 1, 2, 3), DataType.UINT8);
      assertThat(ImageArrays.select(manager.create(all), bytes).toFloatArray())
          .containsExactly(dataset.images(all).pixels());
    }
  }

  @Test
  void findsTheFirstOfEachClass() throws IOException {
    assertThat(Fixtures.dataset(folder, "ABC", 1, 0, 0, 2, 1).firstOfEachClass())
        .containsExactly(1, 0, 3);
  }

  @Test
  void refusesToFindTheFirstOfAClassWithoutImages() throws IOException {
    EmnistDataset dataset = Fixtures.dataset(folder, "ABC", 0, 2);
    assertThatThrownBy(dataset::firstOfEachClass)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "Expected an image of each class, found none of B in images of %s. Raise the limit or load other data.",
            folder.resolve("images"));
  }

  @Test
  void hashIsThatOfTheContent() throws IOException {
    String hash = Fixtures.dataset(folder, "AB", 0, 1).sha256();
    assertThat(hash)
        .hasSize(64)
        .isEqualTo(Fixtures.dataset(folder, "AB", 0, 1).sha256())
        .isNotEqualTo(Fixtures.dataset(folder, "AB", 1, 0).sha256())
        .isNotEqualTo(Fixtures.dataset(folder, "AC", 0, 1).sha256())
        .isNotEqualTo(Fixtures.dataset(folder, "AB", 0, 1, 1).sha256())
        .isNotEqualTo(transposed(0, 0, 1).sha256());
  }
}
