package emnist.diffusion.bench;

/** What training the README's network in bf16 should reach on an H100 or H200. */
final class Aims {

  /** The batch that the aims are for. */
  static final int BATCH = 512;

  private static final double IMAGES_A_SECOND = 5000;
  private static final double MINUTES = 25;

  /** Forward and backward pass of the README's network for one image. */
  private static final double GFLOP = 18.4;

  private static final double EPOCHS = 50;
  private static final double LETTERS = 124_800;

  private Aims() {}

  /** A rate beside the aims. */
  static String beside(double imagesASecond) {
    return "Beside the aims for the README's network in bf16 on an H100 or H200: %,.0f images a second are %.0f %% of %,.0f (%.1f TFLOP/s); at that rate %.0f epochs of EMNIST's letters take %,.1f minutes, of at most %.0f."
        .formatted(
            imagesASecond,
            100 * imagesASecond / IMAGES_A_SECOND,
            IMAGES_A_SECOND,
            imagesASecond * GFLOP / 1000,
            EPOCHS,
            EPOCHS * LETTERS / imagesASecond / 60,
            MINUTES);
  }
}
