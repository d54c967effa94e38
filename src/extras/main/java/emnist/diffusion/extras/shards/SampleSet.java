package emnist.diffusion.extras.shards;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.util.StdConverter;
import emnist.diffusion.checkpoint.Safetensors;
import emnist.diffusion.config.Json;
import emnist.diffusion.config.MalformedJson;
import emnist.diffusion.generation.ClassConditioning;
import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.metrics.FeatureExtractor;
import emnist.diffusion.scheduler.SchedulerConfig;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a large set of grey images is generated from. Image i has the seed {@code firstSeed + i} and
 * the class of letter {@code i mod classes}, and depends on nothing else: neither on the number of
 * images nor on the size of a shard.
 *
 * @param images number of images, at least 1
 * @param imagesPerShard images of each shard but the last
 * @param firstSeed the seed of image 0
 * @param network the network
 * @param sampling how it is sampled
 * @param extractor what computes the features for the statistics
 */
public record SampleSet(
    long images,
    int imagesPerShard,
    long firstSeed,
    Network network,
    Sampling sampling,
    Extractor extractor) {

  /** As many as the names of their files have numbers for. */
  private static final int MAX_SHARDS = 100_000;

  /** {@link emnist.diffusion.data.Idx} reads images of 2^24 pixels. */
  private static final int MAX_IMAGE_SIZE = 1 << 12;

  /** Their statistics take half a gigabyte. */
  private static final int MAX_DIMENSION = 1 << 13;

  /**
   * A network.
   *
   * @param sha256 of its weights, that of their float32 safetensors file
   * @param imageSize rows and columns of an image
   * @param classes number of classes that take turns, the null class not counted; 1 for an
   *     unconditional network
   * @param nullClass the null class; null for none
   */
  public record Network(String sha256, int imageSize, int classes, Integer nullClass) {

    public Network {
      if (classes < 1 || imageSize < 1 || imageSize > MAX_IMAGE_SIZE) {
        throw new IllegalArgumentException(
            "Expected at least 1 class and images of 1 to %s pixels a side, found %s and %s. Pass 1 class for an unconditional network."
                .formatted(MAX_IMAGE_SIZE, classes, imageSize));
      }
      if (nullClass != null && (nullClass < 0 || nullClass > classes)) {
        throw new IllegalArgumentException(
            "Expected a null class from 0 to %s, found %s. Pass the one that label dropout used."
                .formatted(classes, nullClass));
      }
    }
  }

  /**
   * How a network is sampled.
   *
   * @param scheduler the scheduler; DDIM's eta is 0
   * @param numInferenceSteps network calls per image, at most the timesteps trained with
   * @param guidanceScale how much the class counts; 1 as in training
   */
  public record Sampling(
      @JsonSerialize(converter = SchedulerToJson.class)
          @JsonDeserialize(converter = SchedulerFromJson.class)
          SchedulerConfig scheduler,
      int numInferenceSteps,
      double guidanceScale) {

    public Sampling {
      if (!Double.isFinite(guidanceScale) || guidanceScale < 0) {
        throw new IllegalArgumentException(
            "Expected a guidance scale of at least 0, found %s. Pass 1 for none."
                .formatted(guidanceScale));
      }
    }
  }

  /**
   * A feature extractor.
   *
   * @param name its name
   * @param dimension length of its feature vectors
   */
  public record Extractor(String name, int dimension) {

    public Extractor {
      if (dimension < 1 || dimension > MAX_DIMENSION) {
        throw new IllegalArgumentException(
            "Expected 1 to %s features, found %s. Pass the length of a feature vector."
                .formatted(MAX_DIMENSION, dimension));
      }
    }
  }

  private static final class SchedulerToJson extends StdConverter<SchedulerConfig, JsonNode> {
    @Override
    public JsonNode convert(SchedulerConfig config) {
      return Json.parse(config.toJson());
    }
  }

  private static final class SchedulerFromJson extends StdConverter<JsonNode, SchedulerConfig> {
    @Override
    public SchedulerConfig convert(JsonNode json) {
      return json.isNull() ? null : SchedulerConfig.fromJson(Json.writeCompact(json));
    }
  }

  public SampleSet {
    requireNamed(network, sampling, extractor);
    long pixels = (long) imagesPerShard * network.imageSize() * network.imageSize();
    if (images < 1 || imagesPerShard < 1 || pixels > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "Expected at least 1 image, and shards of 1 image to 2 GiB, found %s images of %s x %s pixels and %s images per shard. Pass thousands per shard."
              .formatted(images, network.imageSize(), network.imageSize(), imagesPerShard));
    }
    if ((images - 1) / imagesPerShard >= MAX_SHARDS) {
      throw new IllegalArgumentException(
          "Expected at most %s shards, found %s images and %s images per shard. Pass more images per shard."
              .formatted(MAX_SHARDS, images, imagesPerShard));
    }
    if (sampling.guidanceScale() != 1 && network.nullClass() == null) {
      throw new IllegalArgumentException(
          "Expected a network trained with label dropout for a guidance scale of %s, found one without a null class. Pass 1."
              .formatted(sampling.guidanceScale()));
    }
    sampling.scheduler().createScheduler().withTimesteps(sampling.numInferenceSteps());
  }

  private static void requireNamed(Network network, Sampling sampling, Extractor extractor) {
    String sha256 = network == null ? null : network.sha256();
    SchedulerConfig scheduler = sampling == null ? null : sampling.scheduler();
    String name = extractor == null ? null : extractor.name();
    if (sha256 == null || scheduler == null || name == null) {
      throw new IllegalArgumentException(
          "Expected a network, a scheduler and an extractor, found %s, %s and %s. Name all three."
              .formatted(sha256, scheduler, name));
    }
  }

  /**
   * The first images of a network, from seed 0 on, without guidance; all its classes but the null
   * class take turns.
   *
   * @param pipeline the network and the scheduler
   * @param extractor what will compute the features
   * @throws IllegalArgumentException if the network does not generate square grey images, or a
   *     number is out of range
   */
  public static SampleSet of(
      DDPMPipeline pipeline,
      FeatureExtractor extractor,
      long images,
      int imagesPerShard,
      int numInferenceSteps) {
    Integer size = pipeline.unet().config().sampleSize();
    int channels = pipeline.unet().config().outChannels();
    if (size == null || channels != 1) {
      throw new IllegalArgumentException(
          "Expected a network for grey images of a known size, found sample_size %s and %s channels. Use one trained on EMNIST."
              .formatted(size, channels));
    }
    ClassConditioning conditioning = pipeline.conditioning();
    Integer nullClass = conditioning.nullClass();
    int dropped = nullClass == null ? 0 : 1;
    int classes = conditioning.isConditional() ? conditioning.classes() - dropped : 1;
    return new SampleSet(
        images,
        imagesPerShard,
        0,
        new Network(Safetensors.sha256(pipeline.unet().parameters()), size, classes, nullClass),
        new Sampling(pipeline.scheduler().config(), numInferenceSteps, 1),
        new Extractor(extractor.name(), extractor.dimension()));
  }

  /**
   * Reads what {@link #toJson} has written.
   *
   * @throws IllegalArgumentException if the text is anything else, or a value is out of range
   */
  public static SampleSet fromJson(String json) {
    try {
      JsonNode parsed = Json.parse(json);
      SampleSet set = Json.read(parsed, SampleSet.class);
      // A name that is left out does not come back.
      if (!Json.equal(parsed, Json.tree(set))) {
        throw notASampleSet("other options than " + Json.tree(set), null);
      }
      return set;
    } catch (MalformedJson e) {
      throw notASampleSet(e.getMessage(), e);
    }
  }

  private static IllegalArgumentException notASampleSet(String found, Exception cause) {
    return new IllegalArgumentException(
        "Expected a sample set as this version writes it, found %s. Generate into another folder."
            .formatted(found),
        cause);
  }

  /** A JSON object with all options, the scheduler's as diffusers writes them. */
  public String toJson() {
    return Json.write(this) + "\n";
  }

  /** The shards, which contain all images in order. */
  public List<Shard> shards() {
    return IntStream.rangeClosed(0, (int) ((images - 1) / imagesPerShard))
        .mapToObj(this::shard)
        .toList();
  }

  private Shard shard(int index) {
    long from = (long) index * imagesPerShard;
    return new Shard(index, from, Math.min(from + imagesPerShard, images));
  }
}
