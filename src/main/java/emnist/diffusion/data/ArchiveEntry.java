package emnist.diffusion.data;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** A file inside a zip archive, read no further than the archive says that it goes. */
record ArchiveEntry(ZipFile archive, ZipEntry entry) implements DataFile {

  @Override
  public String name() {
    return archive.getName() + "!/" + entry.getName();
  }

  @Override
  public long size() {
    return entry.getSize();
  }

  /** Bytes of the size and the checksum that the archive says, or else an {@link IOException}. */
  @Override
  public InputStream open() throws IOException {
    try {
      return new Checked(archive.getInputStream(entry));
    } catch (ZipException e) {
      throw damaged("\"" + e.getMessage() + "\"", e);
    }
  }

  private IOException damaged(String found, IOException cause) {
    return new IOException(
        "Expected an intact file %s, found %s. Download the archive again."
            .formatted(name(), found),
        cause);
  }

  private final class Checked extends CheckedInputStream {

    private long count;

    private Checked(InputStream in) {
      super(in, new CRC32());
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read;
      try {
        read = super.read(bytes, offset, length);
      } catch (IOException e) {
        throw damaged("\"" + e.getMessage() + "\"", e);
      }
      if (read > 0) {
        count += read;
      }
      if (count > size() || read < 0 && count < size()) {
        throw damaged("other than the %d bytes that it should be".formatted(size()), null);
      }
      if (read < 0 && getChecksum().getValue() != entry.getCrc()) {
        throw damaged("another checksum", null);
      }
      return read;
    }
  }
}
