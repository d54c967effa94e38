package emnist.diffusion.torch;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A function written in TorchScript: any ATen operator, callable from Java.
 *
 * <p>The code is packed into the smallest archive that {@code torch.jit.load} accepts, a module
 * with one method and no parameters, and loaded once. A call adds about 8 µs to the operators,
 * whatever their number. Temporaries inside the code are freed as soon as possible.
 */
public final class TorchFunction {

  private static final String REASON = "\nRuntimeError: ";
  private static final Pattern OF_THE_MACHINE =
      Pattern.compile("(?i:memory)|CUDA error|CUDNN|CUBLAS|cuDNN");
  private static final ConcurrentMap<String, TorchFunction> COMPILED = new ConcurrentHashMap<>();

  // Pickles, protocol 2: an object of class __torch__.M whose only attribute is `training`, and ().
  private static final byte[] MODULE =
      bytes("\u0080\u0002c__torch__\nM\n)\u0081}(X\u0008\u0000\u0000\u0000training\u0089ub.");
  private static final byte[] NO_CONSTANTS = bytes("\u0080\u0002).");

  private final PtSymbolBlock module;

  private TorchFunction(String code) {
    // The manager is never closed: functions are stateless and live as long as the process.
    PtNDManager manager = (PtNDManager) NDManager.newBaseManager();
    try {
      module = JniUtils.loadModule(manager, new ByteArrayInputStream(archive(code)), false, false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The function with these parameters and this body; compiled once per process.
   *
   * @param parameters TorchScript parameters, tensors if they name no type: {@code "x, lr: float"}
   * @param body the lines of the body
   */
  public static TorchFunction of(String parameters, String... body) {
    String code =
        "class M(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n"
            + "  def forward(self: __torch__.M, %s):\n".formatted(parameters)
            + String.join("\n", body).indent(4);
    return COMPILED.computeIfAbsent(code, TorchFunction::new);
  }

  /**
   * Applies the function to tensors. Gradients flow through it if the thread records them.
   *
   * @return the result, owned by the manager of the first argument
   * @throws IllegalArgumentException if an operator does not take these tensors
   */
  public NDArray apply(NDArray... arguments) {
    switchOptimizerOff();
    return explained(() -> IValueUtils.forward(module, new NDList(arguments), true).get(0));
  }

  /**
   * Applies the function outside autograd, with arguments of any TorchScript type.
   *
   * @param manager manager that owns the result
   * @param arguments freed by the call
   */
  NDArray applyInPlace(NDManager manager, IValue... arguments) {
    try (IValue result = explained(() -> call(arguments))) {
      return result.toTensor((PtNDManager) manager);
    }
  }

  /** Like {@link #applyInPlace}, for no result. */
  void run(IValue... arguments) {
    explained(() -> call(arguments)).close();
  }

  /** Like {@link #applyInPlace}, for a result of any TorchScript type, which the caller frees. */
  IValue call(IValue... arguments) {
    switchOptimizerOff();
    try {
      return IValueUtils.runMethod(module, "forward", arguments);
    } finally {
      for (IValue argument : arguments) {
        argument.close();
      }
    }
  }

  /** For this thread: optimising so few operators only costs time. */
  private static void switchOptimizerOff() {
    JniUtils.setGraphExecutorOptimize(false);
  }

  static IValue list(List<NDArray> arrays) {
    return IValue.listFrom(arrays.toArray(PtNDArray[]::new));
  }

  /** Runs an operator: what it refuses becomes one sentence, what the machine refuses does not. */
  static <T> T explained(Supplier<T> operator) {
    try {
      return operator.get();
    } catch (EngineException e) {
      if (OF_THE_MACHINE.matcher(reason(e)).find()) {
        throw e;
      }
      throw new IllegalArgumentException(
          "Expected arrays that fit together, found others (%s). Check their shapes, types and devices."
              .formatted(reason(e)),
          e);
    }
  }

  /** Why a function failed, without the TorchScript trace before it and the C++ trace after it. */
  public static String reason(EngineException e) {
    String message = String.valueOf(e.getMessage());
    int traced = message.lastIndexOf(REASON);
    String reason = traced < 0 ? message : message.substring(traced + REASON.length());
    return reason.lines().findFirst().orElse("");
  }

  private static byte[] archive(String code) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      add(zip, "m/data.pkl", MODULE);
      add(zip, "m/code/__torch__.py", code.getBytes(StandardCharsets.UTF_8));
      add(zip, "m/constants.pkl", NO_CONSTANTS);
      add(zip, "m/version", bytes("3\n"));
    }
    return bytes.toByteArray();
  }

  private static void add(ZipOutputStream zip, String name, byte[] content) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(content);
  }

  private static byte[] bytes(String latin1) {
    return latin1.getBytes(StandardCharsets.ISO_8859_1);
  }
}
