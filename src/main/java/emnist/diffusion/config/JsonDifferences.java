package emnist.diffusion.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What differs between two configurations, for people. */
public final class JsonDifferences {

  private JsonDifferences() {}

  /** Such as {@code adamw.beta1 0.95 where 0.9 is wanted}, with commas between; empty if equal. */
  public static String of(ObjectNode wanted, ObjectNode found) {
    List<String> differences = new ArrayList<>();
    collect("", wanted, found, differences);
    return String.join(", ", differences);
  }

  private static void collect(
      String path, ObjectNode wanted, ObjectNode found, List<String> differences) {
    Set<String> options = new TreeSet<>(Json.names(wanted));
    options.addAll(Json.names(found));
    for (String option : options) {
      JsonNode here = wanted.get(option);
      JsonNode there = found.get(option);
      if (here instanceof ObjectNode inner && there instanceof ObjectNode other) {
        collect(path + option + ".", inner, other, differences);
      } else if (here == null || there == null || !Json.equal(here, there)) {
        differences.add("%s%s %s where %s is wanted".formatted(path, option, there, here));
      }
    }
  }
}
