package emnist.diffusion.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.Difference;
import emnist.diffusion.Golden;
import emnist.diffusion.GoldenModel;
import emnist.diffusion.TinyModel;
import emnist.diffusion.torch.Autocast;
import emnist.diffusion.torch.MixedPrecision;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares networks in bfloat16 on the CPU with diffusers' float32 numbers. */
class MixedPrecisionTest {

  /** bfloat16 rounds to 2^-9, and the errors of about thirty layers accumulate. */
  private static final double OF_THE_LARGEST = 0.05;

  static Stream<String> files() {
    return GoldenModel.files();
  }

  @ParameterizedTest
  @MethodSource("files")
  void outputsAndGradientsAreThoseOfFloat32ButForTheRounding(String file) {
    try (NDManager manager = NDManager.newBaseManager()) {
      UNet2DModel model = GoldenModel.ofFile(manager, file);

      Golden golden = Golden.open(file + ".io");

      GoldenModel.Run mixed = GoldenModel.run(manager, model, golden, "", MixedPrecision.BF16);

      assertThat(mixed.y().getDataType()).isEqualTo(DataType.FLOAT32);
      GoldenModel.Run single = GoldenModel.run(manager, model, golden, "", MixedPrecision.NO);
      assertThat(Difference.between(mixed.y(), single.y()).largest())
          .as("difference to float32")
          .isGreaterThan(1e-4);
      assertThat(mixed.outputDifference().relative()).isLessThan(OF_THE_LARGEST);
      assertThat(mixed.gradientDifference().relative()).isLessThan(OF_THE_LARGEST);
      assertThat(mixed.gradients().values())
          .allSatisfy(x -> assertThat(x.getDataType()).isEqualTo(DataType.FLOAT32));
    }
  }

  @Test
  void weightsAreConvertedOnceWithinAComputationAndFreedAfterIt() {
    try (NDManager manager = NDManager.newBaseManager()) {
      UNet2DModel model = TinyModel.create(manager, 1);
      NDArray x = manager.zeros(new Shape(1, 1, 8, 8));
      int before = model.manager().getManagedArrays().size();

      List<Integer> inside =
          Autocast.in(
              MixedPrecision.BF16,
              () -> {
                model.forward(x, 1).close();
                int afterOne = model.manager().getManagedArrays().size();
                model.forward(x, 1).close();
                return List.of(afterOne, model.manager().getManagedArrays().size());
              });

      assertThat(inside.get(0)).isGreaterThan(before).isEqualTo(inside.get(1));
      assertThat(model.manager().getManagedArrays()).hasSize(before);
    }
  }
}
