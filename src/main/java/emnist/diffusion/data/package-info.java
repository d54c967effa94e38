/**
 * Data sets: EMNIST, downloaded and read from NIST's own archive or files, and built-in letters
 * that need no download.
 */
package emnist.diffusion.data;
