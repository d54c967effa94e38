package emnist.diffusion.evaluation;

/** How good generated images are: one row of a metrics file. */
public record EvaluationMetrics(Scores scores, Conditions conditions) {

  /**
   * What is measured.
   *
   * @param ssim mean structural similarity to real images, at most 1, higher is better; of pairs as
   *     {@link Conditions#ssimPairs} says
   * @param fid Fréchet distance to the real images, about 0 or more, lower is better: FID in the
   *     features of the Inception network, the Fréchet classifier distance in those of the letter
   *     classifier
   * @param fidFloor what a perfect generator would score with as many images; {@code fid} can only
   *     be judged beside it
   * @param isMean inception score, 1 to the number of classes, higher is better
   * @param isStd its standard deviation over the splits
   */
  public record Scores(double ssim, double fid, double fidFloor, double isMean, double isStd) {}

  /**
   * What scores depend on besides the network. Only scores of equal conditions can be compared.
   *
   * @param extractor its {@link emnist.diffusion.metrics.FeatureExtractor#name}
   * @param scheduler its class name
   * @param realSamples number of real images, all of which FID compares with
   * @param realData the first digits of their SHA-256
   * @param ssimPairs what each generated image was compared with: {@code same class}, a real image
   *     of the class asked for, or {@code any class}, a random real image
   */
  public record Conditions(
      EvaluationConfig config,
      String extractor,
      String scheduler,
      int realSamples,
      String realData,
      String ssimPairs) {}
}
