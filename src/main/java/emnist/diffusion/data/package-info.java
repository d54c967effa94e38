/** Data sets: EMNIST as NIST distributes it, and built-in letters that need no download. */
package emnist.diffusion.data;
