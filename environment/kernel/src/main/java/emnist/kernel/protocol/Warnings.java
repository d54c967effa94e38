package emnist.kernel.protocol;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Writes to the terminal where Jupyter runs, because {@code System.err} goes to the notebook. */
public final class Warnings {

  private static final PrintStream TERMINAL =
      new PrintStream(new FileOutputStream(FileDescriptor.err), true);

  private static final Set<String> TOLD = ConcurrentHashMap.newKeySet();

  private Warnings() {}

  /** Says that a message was refused; once for each channel and reason. */
  static void refused(Channel channel, String reason) {
    once("Refused a message on the " + channel + " channel, because " + reason + ".");
  }

  /** Writes this line the first time, and nothing if it comes again. */
  static void once(String line) {
    if (TOLD.add(line)) {
      print(line + " This warning is not repeated.");
    }
  }

  /** Writes one line. */
  public static void print(String line) {
    TERMINAL.println("Java kernel: " + line.replaceAll("\\p{Cntrl}+", " "));
  }
}
