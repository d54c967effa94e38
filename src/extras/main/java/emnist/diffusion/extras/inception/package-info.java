/**
 * The Inception network whose features published FID, KID and IS use, with the weights, the patches
 * and both resizes of torch-fidelity 0.4.0 and torchmetrics 1.9.
 */
package emnist.diffusion.extras.inception;
