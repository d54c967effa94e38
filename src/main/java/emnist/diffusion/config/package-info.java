/** Configurations as records, read from and written to JSON under diffusers' names. */
package emnist.diffusion.config;
