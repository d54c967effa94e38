/**
 * Files and folders that survive a crash: complete or absent, flushed to the disk, and written by
 * one process at a time.
 */
package emnist.diffusion.files;
