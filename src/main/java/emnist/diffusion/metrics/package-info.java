/**
 * Metrics of generated images: FID, inception score and structural similarity. Pure calculations
 * with the numbers of torchmetrics 1.9; the features come from a {@link
 * emnist.diffusion.metrics.FeatureExtractor}.
 */
package emnist.diffusion.metrics;
