package emnist.diffusion.extras.inception;

import static emnist.diffusion.extras.inception.BasicConv2d.same;
import static emnist.diffusion.extras.inception.BasicConv2d.valid3x3;
import static emnist.diffusion.extras.inception.InceptionLayer.concat;
import static emnist.diffusion.extras.inception.InceptionLayer.sequence;

import emnist.diffusion.extras.torch.Pooling;

/**
 * The blocks of Inception v3 (Szegedy et al. 2016, arXiv:1512.00567, section 6) under torchvision's
 * names, with the pools of the TensorFlow network.
 */
final class InceptionBlocks {

  /** Unlike torchvision's, does not count what lies beyond the edges. */
  private static final InceptionLayer AVERAGE_POOL = Pooling::average3x3;

  private static final InceptionLayer HALVING_POOL = Pooling.max3x3(2, 0)::apply;

  private InceptionBlocks() {}

  static InceptionLayer a(InceptionWeights w, int in, int poolFeatures) {
    return concat(
        same(w.child("branch1x1"), in, 64, 1, 1),
        sequence(
            same(w.child("branch5x5_1"), in, 48, 1, 1), same(w.child("branch5x5_2"), 48, 64, 5, 5)),
        sequence(
            same(w.child("branch3x3dbl_1"), in, 64, 1, 1),
            same(w.child("branch3x3dbl_2"), 64, 96, 3, 3),
            same(w.child("branch3x3dbl_3"), 96, 96, 3, 3)),
        sequence(AVERAGE_POOL, same(w.child("branch_pool"), in, poolFeatures, 1, 1)));
  }

  static InceptionLayer b(InceptionWeights w, int in) {
    return concat(
        valid3x3(w.child("branch3x3"), in, 384, 2),
        sequence(
            same(w.child("branch3x3dbl_1"), in, 64, 1, 1),
            same(w.child("branch3x3dbl_2"), 64, 96, 3, 3),
            valid3x3(w.child("branch3x3dbl_3"), 96, 96, 2)),
        HALVING_POOL);
  }

  static InceptionLayer c(InceptionWeights w, int in, int channels7x7) {
    int c7 = channels7x7;
    return concat(
        same(w.child("branch1x1"), in, 192, 1, 1),
        sequence(
            same(w.child("branch7x7_1"), in, c7, 1, 1),
            same(w.child("branch7x7_2"), c7, c7, 1, 7),
            same(w.child("branch7x7_3"), c7, 192, 7, 1)),
        sequence(
            same(w.child("branch7x7dbl_1"), in, c7, 1, 1),
            same(w.child("branch7x7dbl_2"), c7, c7, 7, 1),
            same(w.child("branch7x7dbl_3"), c7, c7, 1, 7),
            same(w.child("branch7x7dbl_4"), c7, c7, 7, 1),
            same(w.child("branch7x7dbl_5"), c7, 192, 1, 7)),
        sequence(AVERAGE_POOL, same(w.child("branch_pool"), in, 192, 1, 1)));
  }

  static InceptionLayer d(InceptionWeights w, int in) {
    return concat(
        sequence(
            same(w.child("branch3x3_1"), in, 192, 1, 1),
            valid3x3(w.child("branch3x3_2"), 192, 320, 2)),
        sequence(
            same(w.child("branch7x7x3_1"), in, 192, 1, 1),
            same(w.child("branch7x7x3_2"), 192, 192, 1, 7),
            same(w.child("branch7x7x3_3"), 192, 192, 7, 1),
            valid3x3(w.child("branch7x7x3_4"), 192, 192, 2)),
        HALVING_POOL);
  }

  /** The last block but one. */
  static InceptionLayer e1(InceptionWeights w, int in) {
    return e(w, in, AVERAGE_POOL);
  }

  /** The last block, whose pool takes the maximum: an error of the original that FID keeps. */
  static InceptionLayer e2(InceptionWeights w, int in) {
    return e(w, in, Pooling.max3x3(1, 1)::apply);
  }

  private static InceptionLayer e(InceptionWeights w, int in, InceptionLayer pool) {
    return concat(
        same(w.child("branch1x1"), in, 320, 1, 1),
        sequence(
            same(w.child("branch3x3_1"), in, 384, 1, 1),
            concat(
                same(w.child("branch3x3_2a"), 384, 384, 1, 3),
                same(w.child("branch3x3_2b"), 384, 384, 3, 1))),
        sequence(
            same(w.child("branch3x3dbl_1"), in, 448, 1, 1),
            same(w.child("branch3x3dbl_2"), 448, 384, 3, 3),
            concat(
                same(w.child("branch3x3dbl_3a"), 384, 384, 1, 3),
                same(w.child("branch3x3dbl_3b"), 384, 384, 3, 1))),
        sequence(pool, same(w.child("branch_pool"), in, 192, 1, 1)));
  }
}
