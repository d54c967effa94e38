/** Pictures out of noise: the reverse process with a trained network. */
package emnist.diffusion.generation;
