/** Operators of PyTorch that only the extras need. */
package emnist.diffusion.extras.torch;
