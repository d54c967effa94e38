package emnist.kernel;

import emnist.kernel.protocol.MalformedMessage;
import emnist.kernel.protocol.Message;
import emnist.kernel.protocol.RequestLoop;
import io.github.spencerpark.jupyter.kernel.ReplacementOptions;
import java.util.Map;
import jdk.jshell.SourceCodeAnalysis;

/** Answers requests about code that is being typed. Their positions count code points. */
final class CodeRequests {

  private final CodeAssistant assistant;

  CodeRequests(SourceCodeAnalysis analysis) {
    assistant = new CodeAssistant(analysis);
  }

  Object complete(Message request) throws MalformedMessage {
    String code = request.text("code");
    ReplacementOptions found = assistant.complete(java(code), cursor(request, code));
    return RequestLoop.ok(
        "matches", found.getReplacements(),
        "cursor_start", code.codePointCount(0, found.getSourceStart()),
        "cursor_end", request.number("cursor_pos"),
        "metadata", Map.of());
  }

  Object inspect(Message request) throws MalformedMessage {
    String code = request.text("code");
    String found = assistant.inspect(java(code), cursor(request, code));
    return RequestLoop.ok(
        "found", !found.isEmpty(),
        "data", found.isEmpty() ? Map.of() : Map.of("text/plain", found),
        "metadata", Map.of());
  }

  Object isComplete(Message request) throws MalformedMessage {
    String found = assistant.completeness(java(request.text("code")), "complete", "invalid");
    return found.isBlank()
        ? Map.of("status", "incomplete", "indent", found)
        : Map.of("status", found);
  }

  /** The index of the cursor in the code. */
  private static int cursor(Message request, String code) throws MalformedMessage {
    int cursor = Math.min(request.number("cursor_pos"), code.codePointCount(0, code.length()));
    return code.offsetByCodePoints(0, Math.max(0, cursor));
  }

  private static String java(String code) {
    return new Cell(0, code).java();
  }
}
