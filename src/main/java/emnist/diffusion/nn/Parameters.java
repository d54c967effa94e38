package emnist.diffusion.nn;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The named parameters of a module and its children: what {@code torch.nn.Module} keeps.
 *
 * <p>Names are paths such as {@code down_blocks.0.resnets.1.conv1.weight}. {@link #named()} lists
 * them in the order of PyTorch's {@code state_dict()}: a module's own parameters, then its children
 * in the order in which they were declared. Values are drawn in the order of creation, which may be
 * another one.
 */
public final class Parameters {

  private final NDManager manager;
  private final Map<String, NDArray> own = new LinkedHashMap<>();
  private final Map<String, Parameters> children = new LinkedHashMap<>();

  /**
   * An empty root.
   *
   * @param manager owner of the parameters; its device is theirs
   */
  public Parameters(NDManager manager) {
    this.manager = manager;
  }

  /** The child of that name, declared now if it was not before. */
  public Parameters child(String name) {
    return children.computeIfAbsent(name, unused -> new Parameters(manager));
  }

  /** The child at position {@code index} of a {@code ModuleList}. */
  public Parameters child(int index) {
    return child(Integer.toString(index));
  }

  /** A parameter drawn from U(-bound, bound) with PyTorch's process-wide generator. */
  NDArray uniform(String name, double bound, long... shape) {
    return add(
        name,
        manager.randomUniform(
            (float) -bound, (float) bound, new Shape(shape), DataType.FLOAT32, Device.cpu()));
  }

  /** A parameter drawn from N(0, 1) with PyTorch's process-wide generator. */
  NDArray normal(String name, long... shape) {
    return add(name, manager.randomNormal(0, 1, new Shape(shape), DataType.FLOAT32, Device.cpu()));
  }

  /**
   * A constant drawn from N(0, scale²): part of the state, never trained.
   *
   * @return the second of two draws, because diffusers' Fourier projection, its only user, makes
   *     its weight twice
   */
  public NDArray normalBuffer(String name, float scale, long... shape) {
    normal(name, shape).close();
    NDArray buffer = normal(name, shape);
    buffer.setRequiresGradient(false);
    buffer.muli(scale);
    return buffer;
  }

  NDArray ones(String name, long... shape) {
    return add(name, manager.ones(new Shape(shape)));
  }

  NDArray zeros(String name, long... shape) {
    return add(name, manager.zeros(new Shape(shape)));
  }

  private NDArray add(String name, NDArray value) {
    // Drawn on the CPU, so that a seed gives the same network on every device.
    NDArray parameter = value.toDevice(manager.getDevice(), false);
    parameter.setRequiresGradient(true);
    own.put(name, parameter);
    return parameter;
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
