/**
 * diffusers' {@code UNet2DModel}, the network of "Denoising Diffusion Probabilistic Models" (Ho,
 * Jain and Abbeel 2020, arXiv:2006.11239, appendix B): a U-Net of residual blocks with
 * self-attention, conditioned on the timestep through an embedding.
 *
 * <p>A block's {@code forward} never frees its input, and frees its intermediate results before it
 * returns. During training, the autograd graph keeps what the backward pass needs.
 */
package emnist.diffusion.model;
