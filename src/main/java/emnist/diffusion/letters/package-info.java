/**
 * Simulated handwriting: skeletons of capital letters, bent and drawn with a pen, an image for each
 * seed.
 */
package emnist.diffusion.letters;
