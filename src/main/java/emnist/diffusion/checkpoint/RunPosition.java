package emnist.diffusion.checkpoint;

import com.google.gson.JsonObject;
import java.time.Instant;
import java.util.Comparator;

/**
 * How far a run is, as its {@code run.json} says. Of two, the larger is the one to go on from: of
 * the run that was started last, the one that is further.
 *
 * @param started when the run was first started
 * @param epoch the epoch it is in, counted from 1
 * @param batch batches of that epoch that are done
 */
public record RunPosition(Instant started, int epoch, int batch)
    implements Comparable<RunPosition> {

  private static final Comparator<RunPosition> ORDER =
      Comparator.comparing(RunPosition::started)
          .thenComparing(RunPosition::epoch)
          .thenComparing(RunPosition::batch);

  /** Reads it from the description of a run; what that lacks counts as the least. */
  public static RunPosition of(JsonObject run) {
    return new RunPosition(
        run.has("started") ? Instant.parse(run.get("started").getAsString()) : Instant.EPOCH,
        run.has("epoch") ? run.get("epoch").getAsInt() : 0,
        run.has("batch") ? run.get("batch").getAsInt() : 0);
  }

  /** Writes it into the description of a run. */
  public void addTo(JsonObject run) {
    run.addProperty("started", started.toString());
    run.addProperty("epoch", epoch);
    run.addProperty("batch", batch);
  }

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
