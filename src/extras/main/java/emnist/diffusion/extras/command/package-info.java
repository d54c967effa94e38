/** What the command lines share. */
package emnist.diffusion.extras.command;
