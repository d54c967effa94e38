package emnist.diffusion.extras.inception;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.checkpoint.Safetensors;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The weights that the reference outputs of the FID Inception v3 were computed with: a hash of each
 * weight's place, scaled as its name demands, so that 95 MB need not be stored.
 */
final class FormulaWeights {

  /** A line of the list: the tensor's place in PyTorch's order, and values to check it by. */
  record Tensor(int ordinal, String name, long[] shape, double[] first, double sum) {

    static Tensor parse(String line) {
      String[] fields = line.split("\t");
      return new Tensor(
          Integer.parseInt(fields[0]),
          fields[1],
          Arrays.stream(numbers(fields[2])).mapToLong(Long::parseLong).toArray(),
          Arrays.stream(numbers(fields[3])).mapToDouble(Double::parseDouble).toArray(),
          Double.parseDouble(fields[4]));
    }

    private static String[] numbers(String list) {
      return Arrays.stream(list.split("[^-+.0-9e]+"))
          .filter(s -> !s.isEmpty())
          .toArray(String[]::new);
    }

    float[] values() {
      float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
      double scale = scale(values.length);
      double centre = name.endsWith("bn.weight") || name.endsWith("running_var") ? 1 : 0;
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (centre + scale * uniform(i));
      }
      return values;
    }

    private double scale(int size) {
      if (name.endsWith("conv.weight")) {
        return Math.sqrt(24.0 / (size / shape[0]));
      }
      return switch (name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1)) {
        case "bn.weight", "bn.bias", "bn.running_mean" -> 0.4;
        case "bn.running_var" -> 0.8;
        case "fc.weight" -> Math.sqrt(12.0 / 2048.0);
        case "fc.bias" -> 0.2;
        default -> 0;
      };
    }

    private double uniform(int i) {
      int x = i + ordinal * 0x9E3779B1;
      x ^= x >>> 16;
      x *= 0x7FEB352D;
      x ^= x >>> 15;
      x *= 0x846CA68B;
      x ^= x >>> 16;
      return (Integer.toUnsignedLong(x) + 0.5) / 4294967296.0 - 0.5;
    }
  }

  private FormulaWeights() {}

  /** All tensors of the list, those of PyTorch's counters too. */
  static List<Tensor> tensors() throws IOException {
    String file = "/golden/fid_inception_state_dict.txt";
    try (InputStream in = FormulaWeights.class.getResourceAsStream(file)) {
      assertThat(in).as("test resource " + file).isNotNull();
      return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(Tensor::parse)
          .toList();
    }
  }

  /** Writes the file of weights in an order of its own, without the counters. */
  static void write(Path file) throws IOException {
    List<Tensor> shuffled = new ArrayList<>(tensors());
    Collections.shuffle(shuffled, new Random(1));
    try (NDManager manager = NDManager.newBaseManager()) {
      Map<String, NDArray> arrays = new LinkedHashMap<>();
      for (Tensor tensor : shuffled) {
        if (!tensor.name().endsWith("num_batches_tracked")) {
          arrays.put(tensor.name(), manager.create(tensor.values(), new Shape(tensor.shape())));
        }
      }
      Safetensors.write(file, arrays);
    }
  }
}
