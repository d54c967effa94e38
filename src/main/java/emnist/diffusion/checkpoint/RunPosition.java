package emnist.diffusion.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
  public static RunPosition of(JsonNode run) {
    return new RunPosition(
        run.has("started") ? Instant.parse(run.get("started").asText()) : Instant.EPOCH,
        run.path("epoch").asInt(),
        run.path("batch").asInt());
  }

  /** Writes it into the description of a run. */
  public void addTo(ObjectNode run) {
    run.put("started", started.toString());
    run.put("epoch", epoch);
    run.put("batch", batch);
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
