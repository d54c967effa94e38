package emnist.diffusion.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.node.ObjectNode;
import emnist.diffusion.classifier.ClassifierCache.Training;
import emnist.diffusion.config.Json;
import emnist.diffusion.data.BuiltInLetters;
import emnist.diffusion.data.EmnistDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassifierCacheTest {

  private static final ClassifierTraining ONE_EPOCH = new ClassifierTraining(1, 1);
  private static final String ADVICE = "Remove that folder; the classifier is then trained again.";

  @TempDir private Path folder;
  // On the CPU, where training repeats to the bit.
  private final NDManager manager = NDManager.newBaseManager(Device.cpu());
  private Path cacheFolder;
  private EmnistDataset train;

  @BeforeEach
  void writeLetters() throws IOException {
    cacheFolder = folder.resolve("cache");
    train = BuiltInLetters.open(true).limit(2 * 26);
  }

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @Test
  void trainsOnceAndLoadsAfterwards() throws Exception {
    String trained = keep(0);

    LetterClassifier loaded = cache(0).loadOr(manager, ClassifierCacheTest::neverTrain);
    assertThat(loaded.name()).isEqualTo(trained);
    assertThat(cacheFolder.toFile().list()).hasSize(1);
  }

  @Test
  void keepsOneFolderPerDataAndSeed() throws Exception {
    keep(0);

    assertThat(cache(0).folder()).exists();
    assertThat(cache(1).folder()).doesNotExist();
    assertThat(ClassifierCache.of(cacheFolder, train.limit(26), 0).folder()).doesNotExist();
    assertThat(cache(0).folder().getFileName().toString())
        .isEqualTo("letter-classifier-3-%s-seed-0".formatted(train.sha256().substring(0, 12)));
  }

  @Test
  void saysWhatTheClassifierCameFrom() throws Exception {
    String name = keep(5);
    ObjectNode card =
        Json.object(Json.parse(Files.readString(cache(5).folder().resolve("classifier.json"))));

    assertThat(card.get("formatVersion").asInt()).isEqualTo(3);
    assertThat(card.get("dataSha256").asText()).isEqualTo(train.sha256());
    assertThat(card.get("seed").asLong()).isEqualTo(5);
    assertThat(card.get("classNames")).hasSize(26);
    assertThat(card.get("trainAccuracy").asDouble()).isBetween(0.0, 1.0);
    String weightsSha256 = card.get("weightsSha256").asText();
    assertThat(name).endsWith("-" + weightsSha256.substring(0, 8));
    byte[] weights = Files.readAllBytes(cache(5).folder().resolve("model.safetensors"));
    assertThat(weightsSha256)
        .isEqualTo(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(weights)));
  }

  @Test
  void keepsNothingOfAnInterruptedTraining() {
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> LetterClassifier.trainOrLoad(manager, cacheFolder, train, 0))
        .isInstanceOf(InterruptedException.class)
        .hasMessage("Training of the letter classifier was interrupted; nothing of it is kept.");
    assertThat(Thread.interrupted()).isFalse();
    assertThat(cacheFolder).isEmptyDirectory();
  }

  @Test
  void keepsNothingIfItIsInterruptedWhileWriting() {
    assertThatThrownBy(
            () ->
                cache(0)
                    .loadOr(
                        manager,
                        () -> {
                          LetterClassifier trained = ONE_EPOCH.run(manager, train, 0);
                          Thread.currentThread().interrupt();
                          return trained;
                        }))
        .isInstanceOf(InterruptedException.class)
        .hasMessage("Saving the letter classifier was interrupted; nothing of it is kept.");
    assertThat(Thread.interrupted()).isFalse();
    assertThat(cacheFolder).isEmptyDirectory();
  }

  @Test
  void keepsTheClassifierAnotherProcessWroteMeanwhile() throws Exception {
    String first = keep(0);
    Path moved = cacheFolder.resolve("meanwhile");
    Files.move(cache(0).folder(), moved);

    LetterClassifier second =
        cache(0)
            .loadOr(
                manager,
                () -> {
                  LetterClassifier trained = ONE_EPOCH.run(manager, train, 0);
                  assertThat(moved.toFile().renameTo(cache(0).folder().toFile())).isTrue();
                  return trained;
                });
    assertThat(second.name()).isEqualTo(first);
    assertThat(cacheFolder.toFile().list()).hasSize(1);
  }

  @Test
  void theNextStartClearsUpAfterACrashButNotTheOthersWork() throws Exception {
    String id = "0".repeat(32);
    Path left =
        cacheFolder.resolve(".%s-%s.partial".formatted(cache(0).folder().getFileName(), id));
    Path ofOthers =
        cacheFolder.resolve(".%s-%s.partial".formatted(cache(1).folder().getFileName(), id));
    Files.createDirectories(ofOthers);
    for (int start = 0; start < 2; start++) { // trains, then loads
      Files.createDirectories(left.resolve("half"));
      keep(0);
      assertThat(left).doesNotExist();
    }
    assertThat(ofOthers).exists();
  }

  @Test
  void severalThatTrainTheSameAtOnceAllEndWell() throws Exception {
    LetterClassifier trained = ONE_EPOCH.run(manager, train, 0);
    ExecutorService pool = Executors.newFixedThreadPool(4);
    for (int round = 0; round < 20; round++) {
      Path common = folder.resolve("common-" + round);
      CyclicBarrier start = new CyclicBarrier(4);
      IntStream.range(0, 4)
          .mapToObj(i -> CompletableFuture.supplyAsync(() -> store(common, trained, start), pool))
          .toList()
          .forEach(stored -> assertThat(stored.join()).isEqualTo(trained.name()));
      assertThat(common.toFile().list()).hasSize(1);
    }
    pool.shutdown();
  }

  private String store(Path common, LetterClassifier trained, CyclicBarrier start) {
    try {
      ClassifierCache cache = ClassifierCache.of(common, train, 0);
      Training training =
          () -> {
            try {
              start.await();
            } catch (BrokenBarrierException e) {
              throw new IllegalStateException(e);
            }
            return trained;
          };
      return cache.loadOr(manager, training).name();
    } catch (IOException | InterruptedException e) {
      throw new CompletionException(e);
    }
  }

  @Test
  void refusesAFileInThePlaceOfTheFolderBeforeItTrains() throws IOException {
    Files.writeString(cacheFolder, "");

    refusesTheFolder(cacheFolder);
    refusesTheFolder(cacheFolder.resolve("below/a/file"));
  }

  @Test
  void refusesAFolderThatMayNotBeWrittenToBeforeItTrains() throws IOException {
    Files.createDirectories(cacheFolder);
    assumeTrue(cacheFolder.toFile().setWritable(false) && !Files.isWritable(cacheFolder));

    refusesTheFolder(cacheFolder);
  }

  private void refusesTheFolder(Path parent) {
    assertThatIOException()
        .isThrownBy(
            () ->
                ClassifierCache.of(parent, train, 0)
                    .loadOr(manager, ClassifierCacheTest::neverTrain))
        .withMessage(
            "Expected a folder to store classifiers in at %s, found none that may be written to. Choose another folder.",
            parent);
  }

  @Test
  void loadsFromAFolderThatMayNotBeWrittenTo() throws Exception {
    String name = keep(0);
    assumeTrue(cacheFolder.toFile().setWritable(false));

    assertThat(keep(0)).isEqualTo(name);
    assertThat(cacheFolder.toFile().setWritable(true)).isTrue();
  }

  @Test
  void refusesAFileInThePlaceOfAClassifier() throws IOException {
    Files.createDirectories(cacheFolder);
    Files.writeString(cache(0).folder(), "");

    refuses("Expected classifier.json in ");
  }

  @Test
  void refusesAFolderWithoutWeights() throws Exception {
    keep(0);
    Files.delete(cache(0).folder().resolve("model.safetensors"));

    assertThatIOException()
        .isThrownBy(() -> cache(0).loadOr(manager, ClassifierCacheTest::neverTrain))
        .withMessageContaining(cache(0).folder().toString());
  }

  @Test
  void refusesChangedWeights() throws Exception {
    keep(0);
    Path weights = cache(0).folder().resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 1] ^= 1;
    Files.write(weights, bytes);

    refuses("Expected weights ");
    assertThat(weights).hasBinaryContent(bytes);
  }

  @Test
  void refusesTruncatedWeights() throws Exception {
    keep(0);
    Path weights = cache(0).folder().resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    Files.write(weights, Arrays.copyOf(bytes, 1000));

    refuses("Expected the weights of its network in %s, found damaged or different ones. ");
  }

  @Test
  void refusesAFolderWithoutACard() throws Exception {
    keep(0);
    Files.delete(cache(0).folder().resolve("classifier.json"));

    refuses("Expected classifier.json in ");
  }

  @Test
  void refusesACardThatIsNotJson() throws Exception {
    keep(0);
    Files.writeString(cache(0).folder().resolve("classifier.json"), "{\"seed\": ");

    refuses("Expected a JSON object in classifier.json in ");
  }

  @Test
  void refusesTheCardOfOtherData() throws Exception {
    keep(0);
    keep(1);
    Files.delete(cache(0).folder().resolve("classifier.json"));
    Files.copy(
        cache(1).folder().resolve("classifier.json"), cache(0).folder().resolve("classifier.json"));

    refuses("Expected data " + train.sha256() + " and seed 0 in ");
  }

  private void refuses(String expected) {
    assertThatIOException()
        .isThrownBy(() -> cache(0).loadOr(manager, ClassifierCacheTest::neverTrain))
        .withMessageStartingWith(expected.formatted(cache(0).folder()))
        .withMessageContaining(cache(0).folder() + ", found ")
        .withMessageEndingWith(ADVICE);
  }

  /** Trains and keeps a classifier; its name. */
  private String keep(long seed) throws IOException, InterruptedException {
    return cache(seed).loadOr(manager, () -> ONE_EPOCH.run(manager, train, seed)).name();
  }

  private ClassifierCache cache(long seed) {
    return ClassifierCache.of(cacheFolder, train, seed);
  }

  private static LetterClassifier neverTrain() {
    throw new AssertionError("Expected a classifier to load.");
  }
}
