package emnist.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.data.BuiltInLetters;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.training.DeviceDataset.DeviceBatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceDatasetTest {

  private static final int BATCH_SIZE = 8;
  private static final long SEED = 5;
  private static final int EPOCH = 3;

  private final NDManager manager = NDManager.newBaseManager();

  @TempDir Path folder;
  private EmnistDataset data;

  @BeforeEach
  void makeLetters() throws IOException {
    data = BuiltInLetters.openOrCreate(folder, false).limit(30);
  }

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @Test
  void batchesAreThoseOfTheHostToTheBit() {
    int[] order = data.order(SEED, EPOCH);
    long[] labels = Arrays.stream(order).mapToLong(data::label).toArray();
    try (DeviceDataset onDevice = new DeviceDataset(manager, data, BATCH_SIZE);
        DeviceDataset.Epoch epoch = onDevice.epoch(order, labels)) {
      for (int index = 0; index < 4; index++) {
        int from = index * BATCH_SIZE;
        int to = Math.min(from + BATCH_SIZE, order.length);
        DeviceBatch found = epoch.batch(manager, index);
        assertThat(epoch.size(index)).isEqualTo(to - from);
        assertThat(found.images().toFloatArray())
            .containsExactly(data.images(Arrays.copyOfRange(order, from, to)).pixels());
        assertThat(found.labels().toLongArray())
            .containsExactly(Arrays.copyOfRange(labels, from, to));
      }
    }
  }

  @Test
  void aBatchBelongsToItsStep() {
    NDManager step = manager.newSubManager();
    try (DeviceDataset onDevice = new DeviceDataset(manager, data, BATCH_SIZE);
        DeviceDataset.Epoch epoch = onDevice.epoch(data.order(SEED, EPOCH), new long[30])) {
      int before = manager.getManagedArrays().size();

      DeviceBatch batch = epoch.batch(step, 0);

      assertThat(batch.images().getManager()).isSameAs(step);
      assertThat(batch.labels().getManager()).isSameAs(step);
      step.close();
      assertThat(manager.getManagedArrays()).hasSize(before);
    }
  }
}
