package emnist.diffusion.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file to read: one of a folder, or one inside an archive. */
interface DataFile {

  /** The most bytes that one byte of a deflate stream stands for: 258 for two bits. */
  int MAX_INFLATION = 1032;

  /** Its path for messages; inside an archive together with the archive's own. */
  String name();

  /** Its size in bytes; of a file in an archive what the archive says. */
  long size() throws IOException;

  /** Its bytes, to be closed by the caller. */
  InputStream open() throws IOException;

  /** A file of a folder. */
  static DataFile of(Path path) {
    return new DataFile() {
      @Override
      public String name() {
        return path.toString();
      }

      @Override
      public long size() throws IOException {
        return Files.size(path);
      }

      @Override
      public InputStream open() throws IOException {
        return Files.newInputStream(path);
      }
    };
  }
}
