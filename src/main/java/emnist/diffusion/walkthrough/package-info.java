/** What the two notebooks start from: settings from the environment, and presets. */
package emnist.diffusion.walkthrough;
