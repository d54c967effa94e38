package emnist.diffusion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(10)
class BatchesTest {

  @TempDir Path folder;
  private EmnistDataset dataset;

  @BeforeEach
  void tenImages() throws IOException {
    dataset = Fixtures.dataset(folder, "ABCDEFGHIJ", IntStream.range(0, 10).toArray());
  }

  private List<Integer> labels(int batchSize, long seed, int epoch) {
    List<Integer> labels = new ArrayList<>();
    try (Batches batches = dataset.batches(batchSize, seed, epoch)) {
      for (Batch batch : batches) {
        Arrays.stream(batch.labels()).forEach(labels::add);
      }
    }
    return labels;
  }

  @Test
  void holdEveryImageOnce() {
    assertThat(labels(4, 1, 0)).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
  }

  @Test
  void keepThePartialLastBatch() {
    try (Batches batches = dataset.batches(4, 1, 0)) {
      assertThat(batches.count()).isEqualTo(3);
      assertThat(batches).extracting(Batch::size).containsExactly(4, 4, 2);
    }
  }

  @Test
  void countNoEmptyBatchWhenTheSizeDivides() {
    try (Batches batches = dataset.batches(5, 1, 0)) {
      assertThat(batches.count()).isEqualTo(2);
      assertThat(batches).extracting(Batch::size).containsExactly(5, 5);
    }
  }

  @Test
  void imagesKeepTheirLabels() {
    try (Batches batches = dataset.batches(3, 1, 0)) {
      for (Batch batch : batches) {
        for (int i = 0; i < batch.size(); i++) {
          assertThat(batch.images().slice(i, i + 1).pixels())
              .isEqualTo(dataset.images(batch.labels()[i]).pixels());
        }
      }
    }
  }

  @Test
  void orderIsAFunctionOfSeedAndEpoch() {
    assertThat(labels(4, 1, 3))
        .isEqualTo(labels(4, 1, 3))
        .isNotEqualTo(labels(4, 1, 4))
        .isNotEqualTo(labels(4, 2, 3));
  }

  @Test
  void orderDoesNotDependOnTheBatchSize() {
    assertThat(labels(3, 1, 3)).isEqualTo(labels(10, 1, 3)).isEqualTo(labels(99, 1, 3));
  }

  @Test
  void leaveNoThreadWhenClosedEarly() {
    try (Batches batches = dataset.batches(1, 1, 77)) {
      assertThat(batches.iterator().hasNext()).isTrue();
    }
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .doesNotContain("batches of epoch 77");
  }

  @Test
  void areWalkedOnce() {
    try (Batches batches = dataset.batches(1, 1, 0)) {
      batches.iterator();
      assertThatThrownBy(batches::iterator)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "Expected one walk through the batches, found a second. Call dataset.batches(...) again.");
    }
  }

  @Test
  void refuseABatchSizeOfZero() {
    assertThatThrownBy(() -> dataset.batches(0, 1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Expected a batch size of at least 1, found 0. Pass a positive number.");
  }

  @Test
  void aBatchHasALabelForEachImage() {
    assertThatThrownBy(() -> new Batch(dataset.images(0, 1), new int[] {0}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Expected a label for each of 2 images, found 1. Pass one label per image.");
  }
}
