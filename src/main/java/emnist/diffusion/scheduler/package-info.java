/**
 * Noise schedulers: diffusers' {@code DDPMScheduler}, {@code DDIMScheduler} and {@code
 * DPMSolverMultistepScheduler}.
 *
 * <p>A {@link emnist.diffusion.scheduler.SchedulerConfig} holds the options of a {@code
 * scheduler_config.json} and creates its {@link emnist.diffusion.scheduler.Scheduler}. The {@link
 * emnist.diffusion.scheduler.NoiseSchedule} is the forward process of training, and a {@link
 * emnist.diffusion.scheduler.SchedulerOutput} is the state of one denoising chain. All of these are
 * immutable, except for the contents of arrays.
 */
package emnist.diffusion.scheduler;
