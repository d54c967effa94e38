package emnist.diffusion;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import emnist.diffusion.checkpoint.LossHistory;
import emnist.diffusion.checkpoint.RunRecord;
import emnist.diffusion.checkpoint.RunRecord.RunPosition;
import emnist.diffusion.config.Json;
import java.time.Instant;
import java.util.List;

/** Descriptions of runs that trained on nothing. */
public final class TinyRun {

  private TinyRun() {}

  /** A run that was started at some moment and has come so far, with these training options. */
  public static RunRecord at(Instant started, int epoch, int batch, String training) {
    return new RunRecord(
        new RunRecord.Settings(
            Json.object(Json.parse(training)),
            JsonNodeFactory.instance.objectNode(),
            JsonNodeFactory.instance.objectNode(),
            new RunRecord.Dataset(2, "abc", List.of("A < B"), "nowhere")),
        new RunRecord.Versions("17", "2.7.1", "cpu()"),
        new RunPosition(started, epoch, batch),
        new LossHistory(List.of(), 0, 0, 0, 0, List.of()),
        0.5,
        false,
        false);
  }
}
