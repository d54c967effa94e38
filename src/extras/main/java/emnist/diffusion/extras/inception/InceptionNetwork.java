package emnist.diffusion.extras.inception;

import static emnist.diffusion.extras.inception.BasicConv2d.same;
import static emnist.diffusion.extras.inception.BasicConv2d.valid3x3;
import static emnist.diffusion.torch.Functional.consume;

import ai.djl.ndarray.NDArray;
import emnist.diffusion.extras.torch.Pooling;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The layers of the FID Inception v3 in their order, 299 x 299 pixels to 1008 logits.
 *
 * <p>It is torchvision's {@code inception_v3} without auxiliary logits and dropout, with 1008
 * classes instead of 1000, and different pools; see {@link InceptionBlocks}.
 */
final class InceptionNetwork {

  static final int CHANNELS = 3;
  static final int SIZE = 299;
  static final int DIMENSION = 2048;
  static final int CLASSES = 1008;

  /** The output of the head without its bias. */
  static final String LOGITS_UNBIASED = "logits_unbiased";

  static final String LOGITS = "logits";

  private final Map<String, InceptionLayer> stages = new LinkedHashMap<>();
  private final NDArray headWeight;
  private final NDArray headBias;

  /**
   * Builds the network.
   *
   * @throws IllegalArgumentException naming the first weight that is missing, unknown or of an
   *     unexpected shape
   */
  InceptionNetwork(InceptionWeights w) {
    stages.put("Conv2d_1a_3x3", valid3x3(w.child("Conv2d_1a_3x3"), CHANNELS, 32, 2));
    stages.put("Conv2d_2a_3x3", valid3x3(w.child("Conv2d_2a_3x3"), 32, 32, 1));
    stages.put("Conv2d_2b_3x3", same(w.child("Conv2d_2b_3x3"), 32, 64, 3, 3));
    stages.put("MaxPool_1", Pooling.max3x3(2, 0)::apply);
    stages.put("Conv2d_3b_1x1", same(w.child("Conv2d_3b_1x1"), 64, 80, 1, 1));
    stages.put("Conv2d_4a_3x3", valid3x3(w.child("Conv2d_4a_3x3"), 80, 192, 1));
    stages.put("MaxPool_2", Pooling.max3x3(2, 0)::apply);
    stages.put("Mixed_5b", InceptionBlocks.a(w.child("Mixed_5b"), 192, 32));
    stages.put("Mixed_5c", InceptionBlocks.a(w.child("Mixed_5c"), 256, 64));
    stages.put("Mixed_5d", InceptionBlocks.a(w.child("Mixed_5d"), 288, 64));
    stages.put("Mixed_6a", InceptionBlocks.b(w.child("Mixed_6a"), 288));
    stages.put("Mixed_6b", InceptionBlocks.c(w.child("Mixed_6b"), 768, 128));
    stages.put("Mixed_6c", InceptionBlocks.c(w.child("Mixed_6c"), 768, 160));
    stages.put("Mixed_6d", InceptionBlocks.c(w.child("Mixed_6d"), 768, 160));
    stages.put("Mixed_6e", InceptionBlocks.c(w.child("Mixed_6e"), 768, 192));
    stages.put("Mixed_7a", InceptionBlocks.d(w.child("Mixed_7a"), 768));
    stages.put("Mixed_7b", InceptionBlocks.e1(w.child("Mixed_7b"), 1280));
    stages.put("Mixed_7c", InceptionBlocks.e2(w.child("Mixed_7c"), 2048));
    stages.put("AvgPool", Pooling::globalAverage);
    InceptionWeights head = w.child("fc");
    // A copy, because the arrays that were read are freed.
    headWeight = w.keep(head.take("weight", CLASSES, DIMENSION).transpose().duplicate());
    headBias = w.keep(head.take("bias", CLASSES));
    w.requireAllTaken();
  }

  /**
   * Runs the network.
   *
   * @param pixels {@code (N, 3, 299, 299)}, {@code 0..255}; not changed
   * @param wanted names of stages or logits
   * @return the channel means {@code (N, channels, 1, 1)} of the stages, and the logits {@code (N,
   *     1008)}
   */
  Map<String, NDArray> forward(NDArray pixels, Set<String> wanted) {
    Map<String, NDArray> outputs = new HashMap<>();
    NDArray h = pixels.sub(128).divi(128);
    for (Map.Entry<String, InceptionLayer> stage : stages.entrySet()) {
      h = consume(h, stage.getValue()::forward);
      if (wanted.contains(stage.getKey())) {
        outputs.put(stage.getKey(), Pooling.globalAverage(h));
      }
    }
    NDArray unbiased = consume(h, x -> x.reshape(-1, DIMENSION)).matMul(headWeight);
    outputs.put(LOGITS_UNBIASED, unbiased);
    outputs.put(LOGITS, unbiased.add(headBias));
    outputs.keySet().retainAll(wanted);
    return outputs;
  }
}
