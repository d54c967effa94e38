package emnist.diffusion.model;

import static emnist.diffusion.torch.Functional.consume;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.nn.Conv2d;
import emnist.diffusion.nn.Embedding;
import emnist.diffusion.nn.GroupNorm;
import emnist.diffusion.nn.Parameters;
import emnist.diffusion.torch.Activation;
import emnist.diffusion.torch.Autocast;
import emnist.diffusion.torch.Autograd;
import emnist.diffusion.torch.Functional;
import emnist.diffusion.torch.StateDict;
import emnist.diffusion.torch.TorchFunction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * diffusers' {@code UNet2DModel}: predicts what the scheduler's {@code prediction_type} asks for,
 * from a noisy image, the timestep and, if the configuration has classes, the class.
 *
 * <p>Reproduces diffusers' numbers with its parameter names. Beyond diffusers, any height and width
 * from 1 up works. A model is safe for inference from several threads, and for training from one.
 */
public final class UNet2DModel implements AutoCloseable {

  private final UNet2DModelConfig config;
  private final NDManager manager;
  private final Parameters root;
  private final Map<String, NDArray> parameters;
  private boolean trained;

  private final Conv2d convIn;
  private final TimestepEmbedding timeEmbedding;
  private final UnaryOperator<NDArray> classEmbedding; // null without classes
  private final TorchFunction activate;
  private final List<DownBlock2D> downBlocks = new ArrayList<>();
  private final UNetMidBlock2D midBlock;
  private final List<UpBlock2D> upBlocks = new ArrayList<>();
  private final GroupNorm convNormOut;
  private final Conv2d convOut;

  /**
   * Creates a model with the weights of {@code torch.manual_seed(seed); UNet2DModel(...)}, on the
   * device of {@code parent}. PyTorch's process-wide generator is left alone.
   */
  public UNet2DModel(NDManager parent, UNet2DModelConfig config, long seed) {
    this(parent.newSubManager(), config);
    root.initialize(seed);
  }

  /** Creates a model whose weights are undefined until {@link #loadStateDict}. */
  public static UNet2DModel uninitialized(NDManager parent, UNet2DModelConfig config) {
    UNet2DModel model = new UNet2DModel(parent.newSubManager(), config);
    model.trained = true; // its weights come from elsewhere
    return model;
  }

  private UNet2DModel(NDManager manager, UNet2DModelConfig config) {
    if (config.minNumParameters() > 1e10) {
      throw new IllegalArgumentException(
          "Expected a network of at most 10 billion weights, found at least %s. Lower block_out_channels or layers_per_block."
              .formatted((long) config.minNumParameters()));
    }
    this.config = config;
    this.manager = manager;
    this.root = new Parameters(manager);
    List<Integer> channels = config.blockOutChannels();
    int first = channels.get(0);
    this.convIn = Conv2d.same3x3(root.child("conv_in"), config.inChannels(), first);
    var timeProj = TimeProjection.of(root, config, manager);
    int embedDim = config.timeEmbedDim();
    this.timeEmbedding = new TimestepEmbedding(root.child("time_embedding"), timeProj, embedDim);
    this.classEmbedding = classEmbedding(root.child("class_embedding"), timeProj, embedDim);
    this.activate = Functional.activation(Activation.of(config.actFn()));

    Parameters down = root.child("down_blocks");
    Parameters up = root.child("up_blocks"); // declared before the middle, as in diffusers
    for (int i = 0; i < channels.size(); i++) {
      downBlocks.add(new DownBlock2D(down.child(i), config, i, channels.get(Math.max(i - 1, 0))));
    }
    this.midBlock = new UNetMidBlock2D(root.child("mid_block"), config);
    for (int i = 0; i < channels.size(); i++) {
      upBlocks.add(new UpBlock2D(up.child(i), config, i));
    }
    Parameters norm = root.child("conv_norm_out");
    this.convNormOut =
        new GroupNorm(norm, config.normNumGroups(), first, config.normEps(), Activation.SILU);
    this.convOut = Conv2d.same3x3(root.child("conv_out"), first, config.outChannels());
    this.parameters = Collections.unmodifiableMap(root.named());
  }

  /** Maps class labels to embeddings, by a learned table or like timesteps. */
  private UnaryOperator<NDArray> classEmbedding(
      Parameters own, TimeProjection timeProj, int embedDim) {
    if (config.classEmbedType() != null) {
      var embedding = new TimestepEmbedding(own, timeProj, embedDim);
      return labels -> consume(labels.toType(DataType.FLOAT32, true), embedding::forward);
    }
    return config.isClassConditional()
        ? new Embedding(own, config.numClassEmbeds(), embedDim)::forward
        : null;
  }

  public UNet2DModelConfig config() {
    return config;
  }

  /** The manager that owns the weights; its device is the model's. Refused once it is closed. */
  public NDManager manager() {
    if (!manager.isOpen()) {
      throw new IllegalStateException(
          "Expected an open network, found a closed one. Create or load it again.");
    }
    return manager;
  }

  /** The weights by diffusers' names, in the order of diffusers' {@code state_dict()}. */
  public Map<String, NDArray> parameters() {
    return parameters;
  }

  /** Replaces the weights, as {@link StateDict#load} does. */
  public void loadStateDict(Map<String, NDArray> state) {
    StateDict.load(parameters, state);
    trained = true;
  }

  /** An independent model of the same weights, on the device of {@code parent}. */
  public UNet2DModel copy(NDManager parent) {
    UNet2DModel copy = uninitialized(parent, config);
    copy.loadStateDict(parameters);
    copy.trained = trained;
    return copy;
  }

  /**
   * Whether the weights may differ from new ones: gradients were asked for, or they were loaded.
   */
  public boolean isTrained() {
    return trained;
  }

  /** Number of weights by block, such as {@code down_blocks.0}, in the order of the parameters. */
  public Map<String, Long> parametersPerBlock() {
    Map<String, Long> blocks = new LinkedHashMap<>();
    parameters.forEach(
        (name, array) ->
            blocks.merge(
                name.replaceFirst("^((?:down|up)_blocks\\.\\d+|[^.]+)\\..*", "$1"),
                array.size(),
                Long::sum));
    return blocks;
  }

  public long numParameters() {
    return parameters.values().stream().mapToLong(NDArray::size).sum();
  }

  /** As {@link #forward(NDArray, int, NDArray)}, without classes. */
  public NDArray forward(NDArray sample, int timestep) {
    return forward(sample, timestep, null);
  }

  /** As {@link #forward(NDArray, NDArray, NDArray)}, all images at one timestep. */
  public NDArray forward(NDArray sample, int timestep, NDArray classLabels) {
    requireSample(sample);
    // Filled on the device: an upload would wait for it.
    try (NDArray t = sample.getManager().full(new Shape(sample.getShape().get(0)), timestep)) {
      return forward(sample, t, classLabels);
    }
  }

  /**
   * Predicts, without recording gradients, in the thread's {@link Autocast} precision.
   *
   * @param sample noisy images, float32 {@code (N, inChannels, H, W)} on the device of the model
   * @param timesteps {@code (N)}, of any number type, each in {@code [0, numTrainTimesteps)}
   * @param classLabels int64 {@code (N)}, each in {@code [0, numClassEmbeds)}, which is checked on
   *     the CPU; null for a model without classes
   * @return float32 {@code (N, outChannels, H, W)}, owned by the manager of {@code sample}
   */
  public NDArray forward(NDArray sample, NDArray timesteps, NDArray classLabels) {
    check(sample, timesteps, classLabels);
    return Autograd.noGrad(() -> predict(sample, timesteps, classLabels));
  }

  /** As {@link #forward(NDArray, NDArray, NDArray)}, but with dropout and gradients. */
  public NDArray forwardWithGrad(NDArray sample, NDArray timesteps, NDArray classLabels) {
    check(sample, timesteps, classLabels);
    trained = true;
    return Autograd.enableGrad(() -> predict(sample, timesteps, classLabels));
  }

  private NDArray predict(NDArray sample, NDArray timesteps, NDArray classLabels) {
    NDArray t = timesteps.toType(DataType.FLOAT32, true);
    NDArray emb = consume(embed(t, classLabels), activate::apply);
    NDArray h =
        config.centerInputSample()
            ? consume(sample.mul(2).subi(1), convIn::forward)
            : convIn.forward(sample);
    Deque<NDArray> skips = new ArrayDeque<>(List.of(h));
    for (DownBlock2D block : downBlocks) {
      h = block.forward(h, emb, skips);
    }
    h = midBlock.forward(h, emb);
    for (UpBlock2D block : upBlocks) {
      h = consume(h, a -> block.forward(a, emb, skips));
    }
    emb.close();
    NDArray predicted = consume(consume(h, convNormOut::forward), convOut::forward);
    NDArray output = consume(predicted, Functional::toFloat32);
    if (config.isFourier()) {
      consume(t.reshape(-1, 1, 1, 1), output::divi);
    }
    t.close();
    return output;
  }

  /** The embedding of the timesteps, {@code (N, timeEmbedDim)}, plus that of the classes. */
  private NDArray embed(NDArray timesteps, NDArray classLabels) {
    NDArray emb = timeEmbedding.forward(timesteps);
    return classEmbedding == null ? emb : consume(classEmbedding.apply(classLabels), emb::addi);
  }

  private void check(NDArray sample, NDArray timesteps, NDArray classLabels) {
    requireSample(sample);
    requireOnePerImage("timestep", "timesteps", timesteps, sample);
    boolean conditional = classEmbedding != null;
    if (conditional != (classLabels != null)) {
      throw new IllegalArgumentException(
          conditional
              ? "Expected class labels, found none. This model is class-conditional: pass one label per image."
              : "Expected no class labels, found some. This model has no classes: set num_class_embeds to give it classes.");
    }
    if (conditional) {
      requireOnePerImage("label", "class labels", classLabels, sample);
      if (config.classEmbedType() == null) {
        Functional.requireLabels(classLabels, config.numClassEmbeds());
      }
    }
  }

  private void requireSample(NDArray sample) {
    boolean fits = sample.getDevice().equals(manager().getDevice());
    Shape shape = sample.getShape();
    fits &= shape.dimension() == 4 && shape.get(1) == config.inChannels() && shape.size() > 0;
    DataType type = sample.getDataType();
    if (!fits || type != DataType.FLOAT32) {
      throw new IllegalArgumentException(
          "Expected a FLOAT32 sample of shape (N, %s, H, W) on the network's device, found %s %s on %s. Convert, reshape or move it."
              .formatted(config.inChannels(), type.name(), shape, sample.getDevice()));
    }
  }

  private static void requireOnePerImage(String one, String all, NDArray found, NDArray sample) {
    Shape images = sample.getShape().slice(0, 1);
    DataType type = found.getDataType();
    if (!found.getShape().equals(images) || !type.isFloating() && !type.isInteger()) {
      throw new IllegalArgumentException(
          "Expected %s of shape %s, found %s %s. Pass one %s per image, a number."
              .formatted(all, images, type.name(), found.getShape(), one));
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
