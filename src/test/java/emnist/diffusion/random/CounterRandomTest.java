package emnist.diffusion.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CounterRandomTest {

  @Test
  void sameSeedAndCountersGiveTheSameNumbers() {
    assertThat(new CounterRandom(7, 1, 2).permutation(50))
        .isEqualTo(new CounterRandom(7, 1, 2).permutation(50));
  }

  @Test
  void everyCounterMatters() {
    int[] order = new CounterRandom(7, 1, 2).permutation(50);
    assertThat(new CounterRandom(7, 1, 3).permutation(50)).isNotEqualTo(order);
    assertThat(new CounterRandom(7, 2, 2).permutation(50)).isNotEqualTo(order);
    assertThat(new CounterRandom(8, 1, 2).permutation(50)).isNotEqualTo(order);
    assertThat(new CounterRandom(7, 2, 1).permutation(50)).isNotEqualTo(order);
  }

  @Test
  void followsItsDescriptionAndNeverChanges() {
    // Computed from SplitMix64's definition outside Java.
    assertThat(new CounterRandom(1, 0).permutation(8)).containsExactly(0, 3, 7, 1, 4, 2, 6, 5);
  }

  @Test
  void permutationHoldsEveryNumberOnce() {
    assertThat(IntStream.of(new CounterRandom(3).permutation(1000)).sorted())
        .containsExactlyElementsOf(IntStream.range(0, 1000).boxed().toList());
  }

  @Test
  void permutationSendsEachElementEverywhereEquallyOften() {
    int[] visits = new int[5];
    for (int seed = 0; seed < 5000; seed++) {
      int[] order = new CounterRandom(seed).permutation(5);
      visits[IntStream.range(0, 5).filter(i -> order[i] == 0).findFirst().orElseThrow()]++;
    }
    for (int visit : visits) {
      assertThat(visit).isBetween(880, 1120);
    }
  }

  @Test
  void uniformStaysInItsRange() {
    CounterRandom random = new CounterRandom(5);
    assertThat(IntStream.range(0, 1000).mapToDouble(i -> random.uniform(-2, 3)))
        .allMatch(x -> x >= -2 && x < 3);
  }

  @Test
  void seedsOfNeighboursDiffer() {
    Set<Long> seeds = new HashSet<>();
    for (int seed = 0; seed < 10; seed++) {
      for (int epoch = 0; epoch < 10; epoch++) {
        for (int step = 0; step < 100; step++) {
          seeds.add(CounterRandom.seed(seed, epoch, step));
        }
      }
    }

    assertThat(seeds).hasSize(10_000);
  }

  @Test
  void theOrderOfTheNumbersCounts() {
    assertThat(CounterRandom.seed(1, 2)).isNotEqualTo(CounterRandom.seed(2, 1));
    assertThat(CounterRandom.seed(0)).isNotEqualTo(CounterRandom.seed(0, 0));
  }

  @Test
  void seedsDoNotChangeFromVersionToVersion() {
    // A run is repeatable only as long as this holds.
    assertThat(CounterRandom.seed(0)).isEqualTo(0xE220A8397B1DCDAFL);
  }
}
