/** The two notebooks' starting points: settings from the environment, and presets. */
package emnist.diffusion.walkthrough;
