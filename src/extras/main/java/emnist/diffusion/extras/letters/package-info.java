/**
 * The simulated hands that wrote the built-in letters: skeletons of capital letters, bent and drawn
 * with a pen, an image for each seed.
 */
package emnist.diffusion.extras.letters;
