package emnist.diffusion.extras.shards;

/**
 * A part of a sample set: what one worker makes in one go.
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

  /** What its files are called, without their kind. */
  String name() {
    return "shard_%05d".formatted(index);
  }
}
