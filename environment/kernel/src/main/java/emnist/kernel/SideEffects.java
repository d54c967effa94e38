package emnist.kernel;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import jdk.jshell.JShell;
import jdk.jshell.PersistentSnippet;
import jdk.jshell.Snippet;
import jdk.jshell.Snippet.Status;
import jdk.jshell.SnippetEvent;

/** What a cell did to the declarations of other cells, each with what the cell declared. */
final class SideEffects {

  private final JShell shell;
  private final KeptVariables variables;
  private final Map<String, String> reset = new TreeMap<>();
  private final Map<String, String> outdated = new TreeMap<>();
  private final Map<Snippet, String> broken = new HashMap<>();

  SideEffects(JShell shell, KeptVariables variables) {
    this.shell = shell;
    this.variables = variables;
  }

  /** Adds what a snippet did. */
  void add(List<SnippetEvent> events) {
    Set<String> declared = new TreeSet<>();
    for (SnippetEvent event : events) {
      if (event.causeSnippet() == null) {
        declared.add(name(event.snippet()));
      }
    }
    String cause = list(declared);
    for (SnippetEvent event : events) {
      if (event.causeSnippet() != null
          && event.previousStatus() == Status.VALID
          && event.status().isActive()) {
        broken.put(event.snippet(), cause);
      }
    }
    variables.takeReset().forEach(name -> reset.put(name, cause));
    variables.takeOutdated().forEach(name -> outdated.put(name, cause));
    // What is declared by now has a new value, even if it lost one before.
    reset.keySet().removeAll(declared);
    outdated.keySet().removeAll(declared);
  }

  /** Tells the reader of the notebook, in one line for each kind. */
  void print() {
    broken.keySet().removeIf(this::isRepaired);
    Map<String, String> names = new TreeMap<>();
    broken.forEach((snippet, cause) -> names.put(name(snippet), cause));
    print(reset, "Reset by the new %s: %s. Run the cells that set them.");
    print(names, "No longer compiles with the new %s: %s.");
    print(outdated, "Made with the old %s: %s. Run the cells that set them.");
  }

  /** Whether a later part of the cell repaired or replaced it. */
  private boolean isRepaired(Snippet snippet) {
    Status status = shell.status(snippet);
    return status == Status.VALID || !status.isActive();
  }

  private static void print(Map<String, String> effects, String line) {
    if (!effects.isEmpty()) {
      System.err.printf(line + "%n", list(new TreeSet<>(effects.values())), list(effects.keySet()));
    }
  }

  private static String list(Collection<String> names) {
    return String.join(", ", names);
  }

  private static String name(Snippet snippet) {
    return snippet instanceof PersistentSnippet declaration ? declaration.name() : "";
  }
}
