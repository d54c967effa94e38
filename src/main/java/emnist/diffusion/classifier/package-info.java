/** The classifier that metrics look at letters through, and that names the letters of a picture. */
package emnist.diffusion.classifier;
