/** Measures generated images beside real ones: {@code make quality}. */
package emnist.diffusion.extras.quality;
