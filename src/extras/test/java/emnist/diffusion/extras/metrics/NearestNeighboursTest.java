package emnist.diffusion.extras.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import emnist.diffusion.extras.metrics.NearestNeighbours.Neighbour;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NearestNeighboursTest {

  @Test
  void findsTheNearestFirst() {
    float[][] set = {{0, 0}, {3, 4}, {1, 0}, {0, 2}};

    assertThat(NearestNeighbours.of(new float[][] {{0, 0}, {3, 5}}, set, 3))
        .containsExactly(
            List.of(new Neighbour(0, 0), new Neighbour(2, 1), new Neighbour(3, 2)),
            List.of(
                new Neighbour(1, 1),
                new Neighbour(3, Math.sqrt(18)),
                new Neighbour(2, Math.sqrt(29))));
  }

  @Test
  void agreesWithSortingAllDistancesOfLongVectors() {
    float[][] set = random(200, 50, 0);
    float[][] queries = random(20, 50, 1);

    List<List<Neighbour>> found = NearestNeighbours.of(queries, set, 5);

    for (int q = 0; q < queries.length; q++) {
      float[] query = queries[q];
      List<Integer> sorted =
          IntStream.range(0, set.length)
              .boxed()
              .sorted(Comparator.comparingDouble(i -> distance(query, set[i])))
              .limit(5)
              .toList();
      assertThat(found.get(q)).extracting(Neighbour::index).isEqualTo(sorted);
      assertThat(found.get(q).get(4).distance())
          .isEqualTo(distance(query, set[sorted.get(4)]), within(1e-12));
    }
  }

  @Test
  void ofEquallyNearOnesTheFirstComesFirst() {
    float[][] set = {{1}, {-1}, {1}, {5}};

    assertThat(NearestNeighbours.of(new float[][] {{0}}, set, 2).get(0))
        .extracting(Neighbour::index)
        .containsExactly(0, 1);
  }

  @Test
  void findsAllOfASmallSet() {
    float[][] set = {{2}, {1}};

    assertThat(NearestNeighbours.of(set, set, 2).get(1))
        .containsExactly(new Neighbour(1, 0), new Neighbour(0, 1));
  }

  @Test
  void refusesMoreNeighboursThanThereAre() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NearestNeighbours.of(new float[1][2], new float[3][2], 4))
        .withMessage("Expected 1 to 3 neighbours, found 4. Ask for fewer, or search a larger set.");
  }

  @Test
  void refusesVectorsOfAnotherLengthAndSuchThatAreNotFinite() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NearestNeighbours.of(new float[1][2], new float[3][3], 1))
        .withMessageStartingWith("Expected feature vectors of length 3, found 2 in row 0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NearestNeighbours.of(new float[1][1], new float[][] {{Float.NaN}}, 1))
        .withMessageStartingWith("Expected finite features, found NaN in row 0.");
  }

  private static double distance(float[] a, float[] b) {
    return Math.sqrt(
        IntStream.range(0, a.length).mapToDouble(i -> (double) a[i] - b[i]).map(d -> d * d).sum());
  }

  private static float[][] random(int rows, int columns, long seed) {
    Random random = new Random(seed);
    float[][] vectors = new float[rows][columns];
    for (float[] vector : vectors) {
      for (int i = 0; i < columns; i++) {
        vector[i] = random.nextFloat();
      }
    }
    return vectors;
  }
}
