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
public record Progress(Instant started, int epoch, int batch) implements Comparable<Progress> {

  private static final Comparator<Progress> ORDER =
      Comparator.comparing(Progress::started)
          .thenComparing(Progress::epoch)
          .thenComparing(Progress::batch);

  /** Reads it from the description of a run; what that lacks counts as the least. */
  public static Progress of(JsonObject run) {
    return new Progress(
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
  public Progress at(int batches) {
    return new Progress(started, epoch, batches);
  }

  /** The same run at the start of the next epoch. */
  public Progress nextEpoch() {
    return new Progress(started, epoch + 1, 0);
  }

  @Override
  public int compareTo(Progress other) {
    return ORDER.compare(this, other);
  }
}
