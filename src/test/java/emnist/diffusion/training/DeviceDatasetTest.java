package emnist.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.data.BuiltInLetters;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.model.UNet2DModelConfig;
import emnist.diffusion.scheduler.DDPMSchedulerConfig;
import emnist.diffusion.scheduler.Scheduler;
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

  private static final String TINY =
      """
      {
        "sample_size": 28, "in_channels": 1, "out_channels": 1, "layers_per_block": 1,
        "block_out_channels": [4], "norm_num_groups": 2, "attention_head_dim": 4,
        "down_block_types": ["DownBlock2D"], "up_block_types": ["UpBlock2D"]
      }
      """;

  private final NDManager manager = NDManager.newBaseManager();

  @TempDir Path folder;
  private EmnistDataset data;

  @BeforeEach
  void makeLetters() throws IOException {
    data = BuiltInLetters.open(false).limit(30);
  }

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @Test
  void batchesAreThoseOfTheHostToTheBit() {
    int[] order = data.order(SEED, EPOCH);
    try (DeviceDataset onDevice = new DeviceDataset(manager, data, BATCH_SIZE);
        DeviceDataset.Epoch epoch = onDevice.epoch(SEED, EPOCH, 0, null)) {
      assertThat(epoch.batches()).isEqualTo(4);
      for (int index = 0; index < epoch.batches(); index++) {
        int[] expected =
            Arrays.copyOfRange(
                order, index * BATCH_SIZE, Math.min((index + 1) * BATCH_SIZE, data.size()));
        DeviceBatch found = epoch.batch(index);
        assertThat(found.index()).isEqualTo(index);
        assertThat(found.size()).isEqualTo(expected.length);
        assertThat(found.images().toFloatArray()).containsExactly(data.images(expected).pixels());
        assertThat(found.labels().toLongArray())
            .containsExactly(Arrays.stream(expected).mapToLong(data::label).toArray());
      }
    }
  }

  @Test
  void aBatchHasAManagerOfItsOwnThatEndsWithTheEpoch() {
    try (DeviceDataset onDevice = new DeviceDataset(manager, data, BATCH_SIZE)) {
      int before = manager.getManagedArrays().size();
      try (DeviceDataset.Epoch epoch = onDevice.epoch(SEED, EPOCH, 0, null)) {
        DeviceBatch first = epoch.batch(0);
        DeviceBatch second = epoch.batch(1);

        assertThat(first.images().getManager()).isSameAs(first.labels().getManager());
        assertThat(first.images().getManager()).isNotSameAs(second.images().getManager());
      }
      assertThat(manager.getManagedArrays()).hasSize(before);
    }
  }

  @Test
  void labelDropoutPutsTheNullClassInPlaceOfSomeLabels() {
    try (DeviceDataset onDevice = new DeviceDataset(manager, data, data.size());
        DeviceDataset.Epoch with = onDevice.epoch(SEED, EPOCH, 0.5, 26);
        DeviceDataset.Epoch again = onDevice.epoch(SEED, EPOCH, 0.5, 26);
        DeviceDataset.Epoch without = onDevice.epoch(SEED, EPOCH, 0, null)) {
      long[] dropped = with.batch(0).labels().toLongArray();
      long[] all = without.batch(0).labels().toLongArray();

      assertThat(again.batch(0).labels().toLongArray()).containsExactly(dropped);
      int count = 0;
      for (int i = 0; i < dropped.length; i++) {
        count += dropped[i] == 26 ? 1 : 0;
        assertThat(dropped[i]).isIn(26L, all[i]);
      }
      assertThat(count).isBetween(5, 25);
    }
  }

  @Test
  void aStepFreesItsBatch() {
    UNet2DModel model = new UNet2DModel(manager, UNet2DModelConfig.fromJson(TINY), 0);
    Scheduler scheduler = DDPMSchedulerConfig.defaults().createScheduler();
    try (TrainingLoop loop = new TrainingLoop(model, scheduler, TrainingConfig.fromJson("{}"));
        DeviceDataset onDevice = new DeviceDataset(manager, data, BATCH_SIZE);
        DeviceDataset.Epoch epoch = onDevice.epoch(SEED, EPOCH, 0, null)) {
      NDArray loss;
      try (TrainingStep step = loop.step(epoch.batch(0), EPOCH)) {
        loss = step.loss();
      }
      assertThatIllegalStateException().isThrownBy(loss::getFloat);
    }
  }
}
