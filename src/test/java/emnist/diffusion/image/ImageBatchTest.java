package emnist.diffusion.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class ImageBatchTest {

  private static final ImageBatch TWO = new ImageBatch(new float[] {0, 1, 2, 3}, 2, 1, 1, 2);

  @Test
  void refusesAnotherNumberOfPixelsThanItsShapeHas() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ImageBatch(new float[3], 1, 1, 2, 2))
        .withMessage(
            "Expected 4 pixels for shape (1, 1, 2, 2), found 3. Pass one float per pixel.");
  }

  @Test
  void refusesAShapeWhoseSizeOverflows() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ImageBatch(new float[0], 1 << 16, 1 << 16, 1 << 16, 1 << 16))
        .withMessageStartingWith("Expected 9223372036854775807 pixels for shape (65536, 65536,");
  }

  @Test
  void refusesAnEmptyImage() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ImageBatch(new float[0], 1, 1, 0, 2))
        .withMessage(
            "Expected n >= 0 and channels, height, width >= 1, found (1, 1, 0, 2). Pass the shape as (N, C, H, W).");
  }

  @Test
  void aSliceHoldsTheImagesOfItsRange() {
    assertThat(TWO.slice(1, 2).pixels()).containsExactly(2, 3);
    assertThat(TWO.slice(1, 2).n()).isEqualTo(1);
  }

  @Test
  void batchesAreJoinedInTheirOrder() {
    ImageBatch joined = ImageBatch.concat(List.of(TWO.slice(1, 2), TWO));

    assertThat(joined.n()).isEqualTo(3);
    assertThat(joined.pixels()).containsExactly(2, 3, 0, 1, 2, 3);
  }

  @Test
  void aBatchIsRepeatedAsAWhole() {
    assertThat(TWO.repeat(2).pixels()).containsExactly(0, 1, 2, 3, 0, 1, 2, 3);
  }

  @Test
  void theFirstImagesOfAllBatchesComeFirst() {
    ImageBatch other = new ImageBatch(new float[] {4, 5, 6, 7}, 2, 1, 1, 2);

    assertThat(ImageBatch.interleave(List.of(TWO, other)).pixels())
        .containsExactly(0, 1, 4, 5, 2, 3, 6, 7);
  }

  @Test
  void refusesToJoinImagesOfDifferentShapes() {
    ImageBatch tall = new ImageBatch(new float[2], 1, 1, 2, 1);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageBatch.concat(List.of(TWO, tall)))
        .withMessage(
            "Expected images of shape (1, 1, 2), found (1, 2, 1). Join images of one shape.");
  }

  @Test
  void refusesToJoinNothing() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageBatch.concat(List.of()))
        .withMessage("Expected at least one batch, found none. Pass the batches to join.");
  }
}
