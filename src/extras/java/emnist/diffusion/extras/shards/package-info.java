/**
 * Sets of any number of images, generated and counted in shards that know nothing of each other.
 */
package emnist.diffusion.extras.shards;
