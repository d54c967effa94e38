/** Sets of any number of images, generated and evaluated in independent shards. */
package emnist.diffusion.extras.shards;
