package emnist.diffusion.checkpoint;

import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import java.time.Instant;
import java.util.Comparator;

/**
 * How far a run is. Of two positions the larger is the one to resume: of the run that was started
 * last, the one that is further.
 *
 * @param started when the run was first started
 * @param epoch the epoch it is in, counted from 1
 * @param batch batches of that epoch that are done
 */
public record RunPosition(
    @JsonSerialize(using = ToStringSerializer.class) Instant started, int epoch, int batch)
    implements Comparable<RunPosition> {

  private static final Comparator<RunPosition> ORDER =
      Comparator.comparing(RunPosition::started)
          .thenComparing(RunPosition::epoch)
          .thenComparing(RunPosition::batch);

  /** The same run after {@code batches} of its epoch. */
  public RunPosition at(int batches) {
    return new RunPosition(started, epoch, batches);
  }

  /** The same run at the start of the next epoch. */
  public RunPosition nextEpoch() {
    return new RunPosition(started, epoch + 1, 0);
  }

  @Override
  public int compareTo(RunPosition other) {
    return ORDER.compare(this, other);
  }
}
