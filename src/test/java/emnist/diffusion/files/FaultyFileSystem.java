package emnist.diffusion.files;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * The default file system, which tells a {@link Disk} of every operation that changes something:
 * that may fail, or end the program's influence there as a crash does.
 */
public final class FaultyFileSystem extends FileSystem {

  /** What sees every operation before it happens. */
  @FunctionalInterface
  public interface Disk {

    /**
     * An operation is to happen.
     *
     * @param operation such as {@code "move"}; {@code "read"} for any that changes nothing
     * @throws IOException if it fails
     */
    void before(String operation, Path path) throws IOException;

    /** The same for a move. */
    default void beforeMove(Path from, Path to) throws IOException {
      before("move", to);
    }
  }

  private static final FileSystem REAL = FileSystems.getDefault();

  private final Disk disk;
  private final Provider provider = new Provider();

  private FaultyFileSystem(Disk disk) {
    this.disk = disk;
  }

  /** A path of the default file system on a disk. */
  public static Path on(Disk disk, Path real) {
    return new FaultyFileSystem(disk).wrap(real);
  }

  /** The default file system's path. */
  public static Path real(Path path) {
    return Proxy.isProxyClass(path.getClass())
        ? ((PathHandler) Proxy.getInvocationHandler(path)).real
        : path;
  }

  private Path wrap(Path real) {
    return real == null
        ? null
        : (Path)
            Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Path.class}, new PathHandler(real));
  }

  private final class PathHandler implements java.lang.reflect.InvocationHandler {

    private final Path real;

    PathHandler(Path real) {
      this.real = real;
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
      switch (method.getName()) {
        case "getFileSystem":
          return FaultyFileSystem.this;
        case "toFile":
          throw new UnsupportedOperationException("not the default file system");
        case "equals":
          return arguments[0] instanceof Path other && real.equals(real(other));
        case "iterator":
          return StreamSupport.stream(real.spliterator(), false)
              .map(FaultyFileSystem.this::wrap)
              .iterator();
        default:
      }
      Object[] unwrapped =
          arguments == null
              ? null
              : Arrays.stream(arguments).map(a -> a instanceof Path p ? real(p) : a).toArray();
      try {
        Object result = method.invoke(real, unwrapped);
        return result instanceof Path path ? wrap(path) : result;
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }
  }

  private final class Provider extends FileSystemProvider {

    private final FileSystemProvider real = REAL.provider();

    @Override
    public FileChannel newFileChannel(
        Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
        throws IOException {
      boolean isWriting = options.contains(StandardOpenOption.WRITE);
      disk.before(isWriting ? "open" : "read", real(path));
      FileChannel channel = real.newFileChannel(real(path), options, attributes);
      return new FaultyChannel(channel, real(path), disk);
    }

    @Override
    public SeekableByteChannel newByteChannel(
        Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
        throws IOException {
      return newFileChannel(path, options, attributes);
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(
        Path folder, DirectoryStream.Filter<? super Path> filter) throws IOException {
      disk.before("read", real(folder));
      List<Path> children = new ArrayList<>();
      try (DirectoryStream<Path> stream = Files.newDirectoryStream(real(folder))) {
        stream.forEach(child -> children.add(wrap(child)));
      }
      return new DirectoryStream<>() {
        @Override
        public Iterator<Path> iterator() {
          return children.iterator();
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
      if (Files.isDirectory(real(folder))) {
        real.createDirectory(real(folder), attributes); // which fails, and changes nothing
      }
      disk.before("createDirectory", real(folder));
      real.createDirectory(real(folder), attributes);
    }

    @Override
    public void delete(Path path) throws IOException {
      disk.before("delete", real(path));
      real.delete(real(path));
    }

    @Override
    public boolean deleteIfExists(Path path) throws IOException {
      if (Files.exists(real(path), LinkOption.NOFOLLOW_LINKS)) {
        delete(path);
        return true;
      }
      return false;
    }

    @Override
    public void move(Path from, Path to, CopyOption... options) throws IOException {
      disk.beforeMove(real(from), real(to));
      real.move(real(from), real(to), options);
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
      disk.before("read", real(path));
      real.checkAccess(real(path), modes);
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(
        Path path, Class<A> type, LinkOption... options) throws IOException {
      disk.before("read", real(path));
      return real.readAttributes(real(path), type, options);
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
      disk.before("getFileStore", real(path));
      return real.getFileStore(real(path));
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(
        Path path, Class<V> type, LinkOption... options) {
      return real.getFileAttributeView(real(path), type, options);
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options)
        throws IOException {
      return real.readAttributes(real(path), attributes, options);
    }

    @Override
    public boolean isSameFile(Path one, Path other) throws IOException {
      return real.isSameFile(real(one), real(other));
    }

    @Override
    public boolean isHidden(Path path) throws IOException {
      return real.isHidden(real(path));
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
      return FaultyFileSystem.this;
    }

    @Override
    public String getScheme() {
      return "faulty";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> options) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Path getPath(URI uri) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void copy(Path from, Path to, CopyOption... options) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) {
      throw new UnsupportedOperationException();
    }
  }

  @Override
  public FileSystemProvider provider() {
    return provider;
  }

  @Override
  public Path getPath(String first, String... more) {
    return wrap(REAL.getPath(first, more));
  }

  @Override
  public String getSeparator() {
    return REAL.getSeparator();
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public void close() {}

  @Override
  public Iterable<Path> getRootDirectories() {
    return Collections.emptyList();
  }

  @Override
  public Iterable<FileStore> getFileStores() {
    return Collections.emptyList();
  }

  @Override
  public Set<String> supportedFileAttributeViews() {
    return REAL.supportedFileAttributeViews();
  }

  @Override
  public PathMatcher getPathMatcher(String pattern) {
    throw new UnsupportedOperationException();
  }

  @Override
  public UserPrincipalLookupService getUserPrincipalLookupService() {
    throw new UnsupportedOperationException();
  }

  @Override
  public WatchService newWatchService() {
    throw new UnsupportedOperationException();
  }
}
