/** Weights and training runs on disk, in the folders and files of diffusers. */
package emnist.diffusion.checkpoint;
