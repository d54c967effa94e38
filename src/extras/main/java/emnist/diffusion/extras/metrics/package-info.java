/**
 * Metrics that the notebooks do not show: KID, MS-SSIM, other options of SSIM, improved precision
 * and recall, nearest neighbours, and feature statistics in files.
 */
package emnist.diffusion.extras.metrics;
