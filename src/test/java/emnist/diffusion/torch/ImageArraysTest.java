package emnist.diffusion.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.image.ImageBatch;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ImageArraysTest {

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @Test
  void imagesComeBackAsTheyWere() {
    float[] pixels = {-1, -0.5f, 0, 0.5f, 1, 0.25f};
    NDArray array = ImageArrays.of(manager, new ImageBatch(pixels, 3, 1, 2, 1));

    assertThat(array.getShape()).isEqualTo(new Shape(3, 1, 2, 1));
    assertThat(ImageArrays.toBatch(array).pixels()).containsExactly(pixels);
  }

  @Test
  void refusesArraysThatAreNoImages() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageArrays.toBatch(manager.zeros(new Shape(2, 3, 4))))
        .withMessage(
            "Expected FLOAT32 images (N, C, H, W), found FLOAT32 (2, 3, 4). Convert or reshape them.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageArrays.toBatch(manager.zeros(new Shape(1, 1, 3, 4), DataType.UINT8)))
        .withMessageContaining("found UINT8 (1, 1, 3, 4).");
  }

  @Test
  void valuesOutsideTheRangeAreClipped() {
    NDArray array = manager.create(new float[] {-3, 3}, new Shape(1, 1, 1, 2));

    assertThat(ImageArrays.toBatch(array).pixels()).containsExactly(-1, 1);
  }

  @Test
  void bytesAreSelectedAndScaledAsTorchvisionDoes() {
    byte[] bytes = new byte[256];
    for (int i = 0; i < 256; i++) {
      bytes[i] = (byte) i;
    }
    NDArray pixels =
        manager.create(ByteBuffer.wrap(bytes), new Shape(256, 1, 1, 1), DataType.UINT8);
    NDArray indices = manager.create(new int[] {255, 0, 17, 17});

    NDArray selected = ImageArrays.select(indices, pixels);

    float seventeen = (17 / 255f - 0.5f) / 0.5f;
    assertThat(selected.getShape()).isEqualTo(new Shape(4, 1, 1, 1));
    assertThat(selected.getDataType()).isEqualTo(DataType.FLOAT32);
    assertThat(selected.toFloatArray()).containsExactly(1, -1, seventeen, seventeen);
  }

  @Test
  void aSelectionBelongsToTheManagerOfItsIndices() {
    NDArray pixels = manager.create(ByteBuffer.allocate(4), new Shape(4, 1, 1, 1), DataType.UINT8);
    NDManager step = manager.newSubManager();

    NDArray selected = ImageArrays.select(step.create(new int[] {1}), pixels);

    assertThat(selected.getManager()).isSameAs(step);
  }
}
