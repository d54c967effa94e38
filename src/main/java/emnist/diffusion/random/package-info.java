/** Random numbers that are functions of a seed and counters, never of what was drawn before. */
package emnist.diffusion.random;
