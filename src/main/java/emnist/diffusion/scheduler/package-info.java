/**
 * Noise schedules and samplers: DDPM, DDIM and DPM-Solver++ with diffusers' options and numbers.
 */
package emnist.diffusion.scheduler;
