package emnist.diffusion.extras.inception;

import static emnist.diffusion.extras.inception.InceptionNetwork.CHANNELS;
import static emnist.diffusion.extras.inception.InceptionNetwork.LOGITS;
import static emnist.diffusion.extras.inception.InceptionNetwork.LOGITS_UNBIASED;
import static emnist.diffusion.extras.inception.InceptionNetwork.SIZE;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.checkpoint.Safetensors;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.image.Pixels;
import emnist.diffusion.metrics.FeatureExtractor;
import emnist.diffusion.metrics.ImageFeatures;
import emnist.diffusion.torch.Autograd;
import emnist.diffusion.torch.ImageArrays;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Inception network of FID, trained on the photographs of ImageNet in 2015: the numbers are
 * those of torch-fidelity 0.4.0 and torchmetrics 1.9.
 *
 * <p>Its weights are not part of this project. Convert them to a safetensors file once, with
 * PyTorch and the package {@code safetensors}; {@code check_hash} compares the download's SHA-256
 * with the digits in its name:
 *
 * <pre>{@code
 * import torch; from safetensors.torch import save_file
 * weights = torch.hub.load_state_dict_from_url("https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/weights-inception-2015-12-05-6726825d.pth", check_hash=True)
 * save_file({name: w.contiguous() for name, w in weights.items() if w.is_floating_point()}, "inception-v3-fid.safetensors")
 * }</pre>
 *
 * <p>Every image is resized to 299 x 299 pixels, and a grey one is repeated as red, green and blue.
 * To this network letters of 28 x 28 pixels are blurred photographs, enlarged ten times; the first
 * call for such images logs a warning. The weights are frozen. A network is safe to use from
 * several threads.
 */
public final class InceptionV3 implements FeatureExtractor, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(InceptionV3.class);

  /** Images per pass: more are no faster on a CPU, because one image alone fills its cache. */
  private static final int BATCH_SIZE = 8;

  private static final String POOLED = "AvgPool";

  /** The stages behind the features that torchmetrics names by their length. */
  private static final Map<String, String> STAGES =
      Map.of("64", "MaxPool_1", "192", "MaxPool_2", "768", "Mixed_6e", "2048", POOLED);

  private static final List<String> FEATURES =
      List.of("64", "192", "768", "2048", LOGITS_UNBIASED, LOGITS);

  private final NDManager manager;
  private final InceptionNetwork network;
  private final InceptionResize resize;
  private final AtomicBoolean warned = new AtomicBoolean();

  private InceptionV3(NDManager manager, InceptionNetwork network, InceptionResize resize) {
    this.manager = manager;
    this.network = network;
    this.resize = resize;
  }

  /**
   * Reads the network.
   *
   * @param parent manager to live under; its device is the network's
   * @param weights the safetensors file, its arrays in any order
   * @throws IllegalArgumentException if the file is missing or malformed, or its names or shapes
   *     are not those of the network
   * @throws IOException if it cannot be read
   */
  public static InceptionV3 load(NDManager parent, Path weights, InceptionResize resize)
      throws IOException {
    NDManager manager = parent.newSubManager();
    try (NDManager reading = manager.newSubManager()) {
      Map<String, NDArray> arrays = Safetensors.read(reading, weights);
      InceptionNetwork network =
          Autograd.noGrad(
              () -> new InceptionNetwork(new InceptionWeights(manager, weights, arrays)));
      return new InceptionV3(manager, network, resize);
    } catch (IOException | RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  /** The kind of network and the resize, such as {@code inception-v3-fid-antialias}. */
  @Override
  public String name() {
    return "inception-v3-fid-" + resize;
  }

  @Override
  public int dimension() {
    return InceptionNetwork.DIMENSION;
  }

  @Override
  public int classes() {
    return InceptionNetwork.CLASSES;
  }

  /**
   * The 2048 features and the logits without their bias, which torchmetrics uses for FID and IS.
   *
   * @param images {@code (N, 1 or 3, H, W)} in {@code [-1, 1]}, rounded to the 256 values that a
   *     PNG has
   * @throws IllegalArgumentException if the images do not have 1 or 3 channels
   */
  @Override
  public ImageFeatures extract(ImageBatch images) {
    if (images.channels() != 1 && images.channels() != CHANNELS) {
      throw new IllegalArgumentException(
          "Expected images of 1 (grey) or 3 (RGB) channels, found %s. Convert them first."
              .formatted(images.channels()));
    }
    warnOnce(images.channels(), images.height(), images.width());
    byte[] pixels = unsignedBytes(images);
    Map<String, float[][]> outputs =
        compute(
            pixels, images.n(), images.height(), images.width(), Set.of(POOLED, LOGITS_UNBIASED));
    return new ImageFeatures(outputs.get(POOLED), outputs.get(LOGITS_UNBIASED));
  }

  /**
   * All features under torchmetrics' names: {@code 64}, {@code 192}, {@code 768} and {@code 2048},
   * as long as their names say, {@code logits_unbiased} and {@code logits}, 1008 each.
   *
   * @param pixels {@code (N, 3, H, W)}, each an unsigned byte
   * @throws IllegalArgumentException if there is not one byte per pixel
   */
  public Map<String, float[][]> features(byte[] pixels, int n, int height, int width) {
    long expected = (long) n * CHANNELS * height * width;
    if (pixels.length != expected) {
      throw new IllegalArgumentException(
          "Expected %s bytes for shape (%s, %s, %s, %s), found %s. Pass one byte per pixel."
              .formatted(expected, n, CHANNELS, height, width, pixels.length));
    }
    warnOnce(CHANNELS, height, width);
    Map<String, float[][]> outputs =
        compute(
            pixels,
            n,
            height,
            width,
            Set.copyOf(FEATURES.stream().map(name -> STAGES.getOrDefault(name, name)).toList()));
    Map<String, float[][]> features = new LinkedHashMap<>();
    FEATURES.forEach(name -> features.put(name, outputs.get(STAGES.getOrDefault(name, name))));
    return features;
  }

  /** Channel means {@code (N, channels)} of the stages wanted, and logits if wanted. */
  Map<String, float[][]> compute(byte[] pixels, int n, int height, int width, Set<String> wanted) {
    Map<String, float[][]> outputs = new HashMap<>();
    wanted.forEach(name -> outputs.put(name, new float[n][]));
    int imageSize = CHANNELS * height * width;
    for (int from = 0; from < n; from += BATCH_SIZE) {
      int first = from;
      int count = Math.min(BATCH_SIZE, n - from);
      ByteBuffer bytes = ByteBuffer.wrap(pixels, first * imageSize, count * imageSize).slice();
      try (NDManager pass = manager.newSubManager()) {
        Shape shape = new Shape(count, CHANNELS, height, width);
        NDArray x = pass.create(bytes, shape, DataType.UINT8).toType(DataType.FLOAT32, false);
        Autograd.noGrad(() -> network.forward(resize.apply(x, SIZE, SIZE), wanted))
            .forEach((name, values) -> ImageArrays.copyRows(values, outputs.get(name), first));
      }
    }
    return outputs;
  }

  private static byte[] unsignedBytes(ImageBatch images) {
    int planeSize = images.height() * images.width();
    int planes = images.n() * CHANNELS;
    byte[] bytes = new byte[planes * planeSize];
    for (int plane = 0; plane < planes; plane++) {
      // All three channels of a grey image are its one plane.
      int source = images.channels() == CHANNELS ? plane : plane / CHANNELS;
      for (int i = 0; i < planeSize; i++) {
        float pixel = images.pixels()[source * planeSize + i];
        bytes[plane * planeSize + i] = (byte) Pixels.toUnsignedByte(pixel);
      }
    }
    return bytes;
  }

  private void warnOnce(int channels, int height, int width) {
    boolean asTrained = channels == CHANNELS && height == SIZE && width == SIZE;
    if (!asTrained && warned.compareAndSet(false, true)) {
      LOG.warn(
          "{} was trained on RGB photographs of {} x {} pixels; these images have {} channel(s) of"
              + " {} x {} and are resized ({}). Compare their numbers only with numbers of the same"
              + " network, resize and image size.",
          name(),
          SIZE,
          SIZE,
          channels,
          height,
          width,
          resize);
    }
  }

  /** Frees the weights. */
  @Override
  public void close() {
    manager.close();
  }
}
