/**
 * Files and folders that survive a crash: written whole or not at all, flushed to the disk, and
 * held by one process at a time.
 */
package emnist.diffusion.files;
