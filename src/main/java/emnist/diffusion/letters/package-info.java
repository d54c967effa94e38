/** Simulated handwriting: skeletons of capital letters, bent and drawn with a pen. */
package emnist.diffusion.letters;
