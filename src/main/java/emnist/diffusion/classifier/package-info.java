/** The letter classifier: the metrics' feature extractor, which also recognises letters. */
package emnist.diffusion.classifier;
