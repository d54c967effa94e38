package emnist.diffusion.extras.shards;

import java.util.ArrayList;
import java.util.List;

/** Numbers of shards for messages, short although thousands may be missing. */
final class ShardNumbers {

  private ShardNumbers() {}

  /** Such as {@code 0, 3-17, 20} for shards in ascending order. */
  static String ranges(List<Shard> shards) {
    List<String> ranges = new ArrayList<>();
    for (int i = 0, end; i < shards.size(); i = end) {
      int first = shards.get(i).index();
      end = i + 1;
      while (end < shards.size() && shards.get(end).index() == first + end - i) {
        end++;
      }
      ranges.add(end == i + 1 ? "" + first : first + "-" + shards.get(end - 1).index());
    }
    return String.join(", ", ranges);
  }
}
