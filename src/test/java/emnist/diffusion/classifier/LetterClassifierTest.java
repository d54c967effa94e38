package emnist.diffusion.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.OtherClasses;
import emnist.diffusion.data.BuiltInLetters;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.metrics.ImageFeatures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LetterClassifierTest {

  @TempDir private static Path folder;
  private static NDManager manager;
  private static EmnistDataset train;
  private static EmnistDataset test;
  private static LetterClassifier classifier;

  @BeforeAll
  static void trainClassifier() throws IOException, InterruptedException {
    manager = NDManager.newBaseManager(Device.cpu()); // where training repeats to the bit
    train = BuiltInLetters.open(true).limit(20 * 26);
    test = BuiltInLetters.open(false).limit(12 * 26);
    classifier = new ClassifierTraining(2_600, 30).run(manager, train, 0);
  }

  @AfterAll
  static void freeArrays() {
    manager.close();
  }

  @Test
  void recognisesLettersItHasNotSeen() {
    assertThat(classifier.accuracy(test)).isGreaterThan(0.5);
  }

  @Test
  void classifiesAsTheLargestLogitSays() {
    ImageBatch images = test.images(IntStream.range(0, 40).toArray());
    float[][] logits = classifier.extract(images).logits();
    int[] found = classifier.classify(images);

    for (int i = 0; i < found.length; i++) {
      for (float logit : logits[i]) {
        assertThat(logits[i][found[i]]).isGreaterThanOrEqualTo(logit);
      }
    }
  }

  @Test
  void givesSixtyFourFeaturesAndALogitPerClass() {
    ImageFeatures seen = classifier.extract(test.images(0, 1, 2));

    assertThat(seen.features()).hasDimensions(3, 64);
    assertThat(seen.logits()).hasDimensions(3, 26);
    assertThat(classifier.dimension()).isEqualTo(64);
    assertThat(classifier.classes()).isEqualTo(26);
  }

  @Test
  void seesAnImageAloneAsAmongOthers() {
    ImageBatch images = test.images(IntStream.range(0, 300).toArray());
    float[][] together = classifier.extract(images).features();
    float[] alone = classifier.extract(images.slice(299, 300)).features()[0];

    assertThat(together[299]).containsExactly(alone, within(1e-4f));
  }

  @Test
  void seesNothingInNoImages() {
    assertThat(classifier.extract(test.images()).features()).isEmpty();
  }

  @Test
  void leavesNoArraysBehind() {
    int before = classifier.manager().getManagedArrays().size();
    classifier.extract(test.images(0, 1, 2));

    assertThat(classifier.manager().getManagedArrays()).hasSize(before);
  }

  @Test
  void isAFunctionOfDataAndSeed() throws InterruptedException {
    EmnistDataset few = train.limit(52);

    assertThat(nameAfterAnEpoch(few, 3))
        .isEqualTo(nameAfterAnEpoch(few, 3))
        .isNotEqualTo(nameAfterAnEpoch(few, 4))
        .isNotEqualTo(nameAfterAnEpoch(train.limit(78), 3));
  }

  @Test
  void isNamedAfterItsWeights() {
    assertThat(classifier.name()).matches("letter-classifier-64-[0-9a-f]{8}");
  }

  @Test
  void takesImagesOfAnySize() {
    try (LetterClassifier other = new LetterClassifier(manager, List.of("no", "yes"), 9, 13, 0)) {
      ImageFeatures seen = other.extract(new ImageBatch(new float[2 * 9 * 13], 2, 1, 9, 13));

      assertThat(seen.features()).hasDimensions(2, 64);
      assertThat(seen.logits()).hasDimensions(2, 2);
    }
  }

  @Test
  void refusesImagesOfAnotherSize() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> classifier.extract(new ImageBatch(new float[3 * 256], 1, 3, 16, 16)))
        .withMessage(
            "Expected grey images of 28 x 28 pixels, found 16 x 16 with 3 channels. Use a classifier trained on such images.");
  }

  @Test
  void refusesToCountHitsAmongOtherClasses() throws IOException {
    EmnistDataset small = OtherClasses.of(folder, "abcdefghijklmnopqrstuvwxyz");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> classifier.accuracy(small))
        .withMessageStartingWith("Expected the classes [A, B, C,")
        .withMessageContaining("found [a, b, c,")
        .withMessageEndingWith("Use the classifier of this data.");
  }

  private static String nameAfterAnEpoch(EmnistDataset data, long seed)
      throws InterruptedException {
    try (LetterClassifier trained = new ClassifierTraining(1, 1).run(manager, data, seed)) {
      return trained.name();
    }
  }
}
