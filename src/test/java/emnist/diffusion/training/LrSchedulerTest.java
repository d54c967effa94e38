package emnist.diffusion.training;

import emnist.diffusion.Golden;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LrSchedulerTest {

  private static final Golden GOLDEN = Golden.open("train_lr");
  private static final double BASE = 1e-4;

  static Stream<Map.Entry<String, IntToDoubleFunction>> schedules() {
    return Map.<String, IntToDoubleFunction>of(
        "cosine.warmup100.total1000", k -> LrScheduler.COSINE.factor(k, 100, 1000),
        "cosine.warmup500.total1000", k -> LrScheduler.COSINE.factor(k, 500, 1000),
        "cosine.warmup0.total1000", k -> LrScheduler.COSINE.factor(k, 0, 1000),
        "cosine.warmup10.total100", k -> LrScheduler.COSINE.factor(k, 10, 100),
        "cosine.warmup100.total1000.cycles1",
            k -> k < 100 ? k / 100.0 : LrScheduler.cosine((k - 100) / 900.0, 1),
        "constant.warmup100", k -> LrScheduler.CONSTANT_WITH_WARMUP.factor(k, 100, 1000),
        "linear.warmup100.total1000", k -> LrScheduler.LINEAR.factor(k, 100, 1000))
        .entrySet()
        .stream();
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void theRateOfEachStepIsThatOfDiffusers(Map.Entry<String, IntToDoubleFunction> schedule) {
    int steps = (int) GOLDEN.shape(schedule.getKey())[0];

    double[] rates =
        IntStream.range(0, steps)
            .mapToDouble(k -> BASE * schedule.getValue().applyAsDouble(k))
            .toArray();

    GOLDEN.assertClose(schedule.getKey(), rates, 1e-15);
  }
}
