package emnist.diffusion.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 (FIPS 180-4), in hexadecimal as {@code sha256sum} prints it. */
public final class Sha256 {

  private final MessageDigest digest;

  public Sha256() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every Java platform has SHA-256.", e);
    }
  }

  /** The hash of a file, read piece by piece. */
  public static String of(Path file) throws IOException {
    Sha256 sha256 = new Sha256();
    try (InputStream in = Files.newInputStream(file)) {
      in.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), sha256.digest));
    }
    return sha256.hex();
  }

  public Sha256 add(byte[] bytes) {
    return add(ByteBuffer.wrap(bytes));
  }

  /** Adds the bytes that remain in a buffer. */
  public Sha256 add(ByteBuffer bytes) {
    digest.update(bytes);
    return this;
  }

  /** The hash of all bytes added since the last call. */
  public String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
