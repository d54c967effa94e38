package emnist.diffusion.training;

import static emnist.diffusion.training.LearningRateSchedule.constantWithWarmup;
import static emnist.diffusion.training.LearningRateSchedule.cosineWithWarmup;
import static emnist.diffusion.training.LearningRateSchedule.linearWithWarmup;

import emnist.diffusion.Golden;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LearningRateScheduleTest {

  private static final Golden GOLDEN = Golden.open("train_lr");
  private static final double BASE = 1e-4;

  static Stream<Map.Entry<String, LearningRateSchedule>> schedules() {
    return Map.of(
        "cosine.warmup100.total1000", cosineWithWarmup(100, 1000),
        "cosine.warmup500.total1000", cosineWithWarmup(500, 1000),
        "cosine.warmup0.total1000", cosineWithWarmup(0, 1000),
        "cosine.warmup10.total100", cosineWithWarmup(10, 100),
        "cosine.warmup100.total1000.cycles1", cosineWithWarmup(100, 1000, 1),
        "constant.warmup100", constantWithWarmup(100),
        "linear.warmup100.total1000", linearWithWarmup(100, 1000))
        .entrySet()
        .stream();
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void theRateOfEachStepIsThatOfDiffusers(Map.Entry<String, LearningRateSchedule> schedule) {
    int steps = (int) GOLDEN.shape(schedule.getKey())[0];

    double[] rates =
        IntStream.range(0, steps).mapToDouble(k -> BASE * schedule.getValue().factor(k)).toArray();

    GOLDEN.assertClose(schedule.getKey(), rates, 1e-15);
  }
}
