package emnist.diffusion.evaluation;

/**
 * How good the images generated after an epoch were: one row of the metrics file.
 *
 * @param epoch epochs trained, from 1
 * @param ssim mean structural similarity to real images, at most 1, higher is better; of pairs as
 *     {@code ssimPairs} says
 * @param fid Frechet distance to the real images, about 0 or more, lower is better: FID in the
 *     features of the Inception network, the Frechet classifier distance in those of the letter
 *     classifier
 * @param fidFloor what a perfect generator would score with as many images; {@code fid} can only be
 *     judged beside it
 * @param isMean inception score, 1 to the number of classes, higher is better
 * @param isStd its standard deviation over the splits
 * @param samples number of images generated for it
 * @param splits number of splits of the inception score
 * @param extractor name of the feature extractor; only numbers of one extractor can be compared
 * @param seed seed the images were generated from
 * @param scheduler name of the scheduler they were generated with
 * @param inferenceSteps network calls per generated image
 * @param realSamples number of real images, all of which FID compares with
 * @param realData which they are: the first digits of their SHA-256
 * @param ssimPairs what each generated image was compared with: {@code same class}, a real image of
 *     the class asked for, or {@code any class}, a random real image
 */
public record EvaluationMetrics(
    int epoch,
    double ssim,
    double fid,
    double fidFloor,
    double isMean,
    double isStd,
    int samples,
    int splits,
    String extractor,
    long seed,
    String scheduler,
    int inferenceSteps,
    int realSamples,
    String realData,
    String ssimPairs) {}
