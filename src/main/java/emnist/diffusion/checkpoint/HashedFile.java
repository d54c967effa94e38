package emnist.diffusion.checkpoint;

import emnist.diffusion.files.Sha256;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;

/** A new file, hashed while it is written: large pieces by another thread. */
final class HashedFile implements Closeable {

  /** From this size on, hashing takes longer than starting a thread for it. */
  private static final int LARGE_BYTES = 1 << 18;

  private final FileChannel channel;
  private final Sha256 sha256 = new Sha256();

  /**
   * Creates the file.
   *
   * @throws java.nio.file.FileAlreadyExistsException if there is one of that name
   */
  HashedFile(Path file) throws IOException {
    channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  /** Writes and hashes the bytes that remain; nobody needs the buffer when this returns. */
  void write(ByteBuffer bytes) throws IOException {
    ByteBuffer same = bytes.duplicate();
    Executor executor = same.remaining() < LARGE_BYTES ? Runnable::run : ForkJoinPool.commonPool();
    CompletableFuture<Void> hashed = CompletableFuture.runAsync(() -> sha256.add(same), executor);
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } finally {
      hashed.join();
    }
  }

  /** Of all that was written. */
  Fingerprint fingerprint() throws IOException {
    return new Fingerprint(channel.position(), sha256.hex());
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
