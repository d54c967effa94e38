package emnist.diffusion.extras.command;

import picocli.CommandLine;

/** Command lines that print the sentence of what fails. */
public final class Commands {

  private Commands() {}

  /** The command line of an annotated command. */
  public static CommandLine of(Object command) {
    return new CommandLine(command)
        .setExecutionExceptionHandler(
            (exception, line, parsed) -> {
              String message = String.valueOf(exception.getMessage());
              boolean isSentence = message.startsWith("Expected ");
              line.getErr().println(isSentence ? message : exception.toString());
              return CommandLine.ExitCode.SOFTWARE;
            });
  }
}
