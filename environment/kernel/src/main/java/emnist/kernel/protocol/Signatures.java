package emnist.kernel.protocol;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs messages, and refuses those without the right signature or seen before. Used by one thread.
 */
final class Signatures {

  /** As many as Jupyter's own kernel remembers. */
  private static final int REMEMBERED = 1 << 16;

  private final Mac mac;
  private final Set<String> seen =
      Collections.newSetFromMap(
          new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
              return size() > REMEMBERED;
            }
          });

  Signatures(ConnectionFile file) throws GeneralSecurityException {
    if (file.key().isEmpty()) {
      mac = null;
    } else {
      mac = Mac.getInstance(file.algorithm());
      mac.init(new SecretKeySpec(file.key().getBytes(StandardCharsets.UTF_8), file.algorithm()));
    }
  }

  /** The signature of the frames, in hexadecimal; empty if messages are not signed. */
  byte[] sign(List<byte[]> frames) {
    if (mac == null) {
      return new byte[0];
    }
    frames.forEach(mac::update);
    return HexFormat.of().formatHex(mac.doFinal()).getBytes(StandardCharsets.US_ASCII);
  }

  void check(byte[] signature, List<byte[]> frames) throws MalformedMessage {
    if (mac == null) {
      return;
    }
    if (!MessageDigest.isEqual(sign(frames), signature)) {
      throw new MalformedMessage("its signature is wrong");
    }
    if (!seen.add(new String(signature, StandardCharsets.US_ASCII))) {
      throw new MalformedMessage("it is a copy of an earlier one");
    }
  }
}
