package emnist.diffusion.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/** A file of a {@link FaultyFileSystem}, with the operations that the project uses. */
final class FaultyChannel extends FileChannel {

  private final FileChannel real;
  private final Path path;
  private final FaultyFileSystem.Disk disk;

  FaultyChannel(FileChannel real, Path path, FaultyFileSystem.Disk disk) {
    this.real = real;
    this.path = path;
    this.disk = disk;
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    disk.before("write", path);
    return real.write(bytes);
  }

  @Override
  public long write(ByteBuffer[] bytes, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int write(ByteBuffer bytes, long position) throws IOException {
    disk.before("write", path);
    return real.write(bytes, position);
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    disk.before("truncate", path);
    real.truncate(size);
    return this;
  }

  @Override
  public void force(boolean metadata) throws IOException {
    disk.before("force", path); // no test outlives a power cut
  }

  @Override
  public FileLock tryLock(long position, long size, boolean isShared) throws IOException {
    disk.before("lock", path);
    return real.tryLock(position, size, isShared);
  }

  @Override
  public int read(ByteBuffer bytes) throws IOException {
    disk.before("read", path);
    return real.read(bytes);
  }

  @Override
  public long read(ByteBuffer[] bytes, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int read(ByteBuffer bytes, long position) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long position() throws IOException {
    return real.position();
  }

  @Override
  public FileChannel position(long position) throws IOException {
    real.position(position);
    return this;
  }

  @Override
  public long size() throws IOException {
    return real.size();
  }

  @Override
  protected void implCloseChannel() throws IOException {
    real.close();
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel to) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long transferFrom(ReadableByteChannel from, long position, long count) {
    throw new UnsupportedOperationException();
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long position, long size) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileLock lock(long position, long size, boolean isShared) {
    throw new UnsupportedOperationException();
  }
}
