/** The progress bar of long work. */
package emnist.diffusion.progress;
