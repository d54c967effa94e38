/**
 * diffusers' {@code UNet2DModel}: the network that predicts the noise in an image.
 *
 * <p>Architecture of "Denoising Diffusion Probabilistic Models" (Ho, Jain and Abbeel 2020,
 * arXiv:2006.11239, appendix B): a U-Net of residual blocks with self-attention, told the timestep
 * through an embedding. Classes, parameter names and shapes are those of diffusers.
 *
 * <p>A block's {@code forward} never frees its input; what it computes on the way is freed before
 * it returns. During training the autograd graph keeps what the backward pass needs.
 */
package emnist.diffusion.model;
