/**
 * The Inception network that published FID, KID and IS look through, with the weights, the patches
 * and both resizes of torch-fidelity 0.4.0 and torchmetrics 1.9.
 */
package emnist.diffusion.extras.inception;
