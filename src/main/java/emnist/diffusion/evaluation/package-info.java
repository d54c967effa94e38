/** How good a network's images are: generates some and compares them with real ones. */
package emnist.diffusion.evaluation;
