/** Images from noise: the reverse process with a trained network. */
package emnist.diffusion.generation;
