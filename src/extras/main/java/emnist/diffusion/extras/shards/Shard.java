package emnist.diffusion.extras.shards;

import java.util.Locale;

/**
 * A part of a sample set that one worker generates at a time.
 *
 * @param index number of the shard, from 0
 * @param from index of its first image in the set
 * @param to index after its last image
 */
public record Shard(int index, long from, long to) {

  /** Number of images. */
  public int images() {
    return Math.toIntExact(to - from);
  }

  /** What the names of its files begin with. */
  String name() {
    return String.format(Locale.ROOT, "shard_%05d", index);
  }
}
