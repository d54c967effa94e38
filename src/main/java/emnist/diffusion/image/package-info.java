/** Images in host memory, pictures of them, and PNG files that say how they were made. */
package emnist.diffusion.image;
