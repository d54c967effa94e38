/** Files of the kinds that the core reads. */
package emnist.diffusion.extras.data;
