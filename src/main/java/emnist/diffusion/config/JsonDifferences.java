package emnist.diffusion.config;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** What differs between two configurations, for people. */
public final class JsonDifferences {

  private JsonDifferences() {}

  /** Such as {@code adamw.beta1 0.95 where 0.9 is wanted}, with commas between; empty if equal. */
  public static String of(JsonObject wanted, JsonObject found) {
    List<String> differences = new ArrayList<>();
    collect("", wanted, found, differences);
    return String.join(", ", differences);
  }

  private static void collect(
      String path, JsonObject wanted, JsonObject found, List<String> differences) {
    TreeSet<String> options = new TreeSet<>(wanted.keySet());
    options.addAll(found.keySet());
    for (String option : options) {
      JsonElement here = wanted.get(option);
      JsonElement there = found.get(option);
      if (here instanceof JsonObject inner && there instanceof JsonObject other) {
        collect(path + option + ".", inner, other, differences);
      } else if (here == null || !here.equals(there)) {
        differences.add("%s%s %s where %s is wanted".formatted(path, option, there, here));
      }
    }
  }
}
