/** How the network in the box was trained: {@code make pretrained}. */
package emnist.diffusion.extras.pretrained;
