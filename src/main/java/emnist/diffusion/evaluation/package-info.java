/** How good a network's pictures are: generates some and compares them with real ones. */
package emnist.diffusion.evaluation;
