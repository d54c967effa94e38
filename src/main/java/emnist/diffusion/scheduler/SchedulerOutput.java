package emnist.diffusion.scheduler;

import ai.djl.ndarray.NDArray;

/**
 * What a denoising step gives; both arrays are new and have the shape of the sample.
 *
 * @param prevSample the sample one step less noisy, the input of the next step
 * @param predOriginalSample the image without noise that the network believes in at this step
 */
public record SchedulerOutput(NDArray prevSample, NDArray predOriginalSample) {}
