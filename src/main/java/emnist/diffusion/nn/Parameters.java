package emnist.diffusion.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.torch.TorchRandom;
import emnist.diffusion.torch.TorchRandom.Draw;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The named parameters of a module and its children: what {@code torch.nn.Module} keeps.
 *
 * <p>Names are paths such as {@code down_blocks.0.resnets.1.conv1.weight}. {@link #named} lists
 * them in the order of PyTorch's {@code state_dict()}: a module's own parameters, then its children
 * in the order of declaration. {@link #initialize} draws their values in the order of creation,
 * which may differ; until then they hold whatever the memory held.
 */
public final class Parameters {

  private final NDManager manager;
  private final List<Draw> draws;
  private final Map<String, NDArray> own = new LinkedHashMap<>();
  private final Map<String, Parameters> children = new LinkedHashMap<>();

  /** An empty root, whose parameters {@code manager} owns; its device is theirs. */
  public Parameters(NDManager manager) {
    this(manager, new ArrayList<>());
  }

  private Parameters(NDManager manager, List<Draw> draws) {
    this.manager = manager;
    this.draws = draws;
  }

  /** The child of that name, declared now if it was not before. */
  public Parameters child(String name) {
    return children.computeIfAbsent(name, unused -> new Parameters(manager, draws));
  }

  /** The child at position {@code index} of a {@code ModuleList}. */
  public Parameters child(int index) {
    return child(Integer.toString(index));
  }

  /** A parameter to draw from U(-bound, bound). */
  NDArray uniform(String name, double bound, long... shape) {
    return drawn(name, true, bound, shape);
  }

  /** A parameter to draw from N(0, 1). */
  NDArray normal(String name, long... shape) {
    return drawn(name, false, 1, shape);
  }

  /**
   * A constant from N(0, scale²), never trained. It is drawn twice, because diffusers' Fourier
   * projection, its only user, makes its weight twice.
   */
  public NDArray normalBuffer(String name, float scale, long... shape) {
    NDArray buffer = normal(name, shape);
    buffer.setRequiresGradient(false);
    draws.add(new Draw(buffer, false, scale));
    return buffer;
  }

  private NDArray drawn(String name, boolean uniform, double scale, long... shape) {
    NDArray parameter = add(name, manager.create(new Shape(shape), DataType.FLOAT32));
    draws.add(new Draw(parameter, uniform, scale));
    return parameter;
  }

  /** A parameter whose elements start at {@code value}. */
  NDArray full(String name, float value, long... shape) {
    return add(name, manager.full(new Shape(shape), value));
  }

  private NDArray add(String name, NDArray parameter) {
    parameter.setRequiresGradient(true);
    own.put(name, parameter);
    return parameter;
  }

  /**
   * Draws all parameters, from the root's to every child's, as PyTorch's modules do after {@code
   * torch.manual_seed(seed)}. The process-wide generator is left alone.
   */
  public void initialize(long seed) {
    TorchRandom.fill(draws, seed);
  }

  /** All parameters by their full names. */
  public Map<String, NDArray> named() {
    Map<String, NDArray> all = new LinkedHashMap<>();
    collect("", all);
    return all;
  }

  private void collect(String prefix, Map<String, NDArray> all) {
    own.forEach((name, value) -> all.put(prefix + name, value));
    children.forEach((name, child) -> child.collect(prefix + name + ".", all));
  }
}
