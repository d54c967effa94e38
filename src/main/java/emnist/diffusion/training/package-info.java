/**
 * The training loop and its parts: what accelerate and the basic diffusers training script give.
 */
package emnist.diffusion.training;
