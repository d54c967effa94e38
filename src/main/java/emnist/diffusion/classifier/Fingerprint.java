package emnist.diffusion.classifier;

import ai.djl.ndarray.NDArray;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/** A short text that tells sets of weights apart. */
final class Fingerprint {

  private static final int BYTES = 4;

  private Fingerprint() {}

  /** The first eight hexadecimal digits of the SHA-256 of names and values, in their order. */
  static String of(Map<String, NDArray> weights) {
    MessageDigest digest = newSha256();
    weights.forEach(
        (name, array) -> {
          digest.update(name.getBytes(StandardCharsets.UTF_8));
          float[] values = array.toFloatArray();
          ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
          bytes.asFloatBuffer().put(values);
          digest.update(bytes);
        });
    return HexFormat.of().formatHex(digest.digest(), 0, BYTES);
  }

  private static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every Java platform has SHA-256.", e);
    }
  }
}
