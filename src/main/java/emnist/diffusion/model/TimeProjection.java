package emnist.diffusion.model;

import static emnist.diffusion.torch.Functional.consume;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.nn.Parameters;
import emnist.diffusion.torch.TorchFunction;

/**
 * Encodes timesteps as sines and cosines: diffusers' {@code Timesteps} and {@code
 * GaussianFourierProjection}.
 *
 * @param function of timesteps {@code (N)} and {@code frequencies} to {@code (N, dim)}
 */
record TimeProjection(TorchFunction function, NDArray frequencies, int dim) {

  private static final double MAX_PERIOD = 10_000;
  private static final float FOURIER_SCALE = 16;

  /** Creates {@code time_proj}, whose only weights are the Fourier frequencies: never trained. */
  static TimeProjection of(Parameters parameters, UNet2DModelConfig config, NDManager manager) {
    int channels = config.blockOutChannels().get(0);
    if (config.isFourier()) {
      Parameters own = parameters.child("time_proj");
      return new TimeProjection(
          gaussianFourier(), own.normalBuffer("weight", FOURIER_SCALE, channels), 2 * channels);
    }
    return new TimeProjection(
        sinusoid(config.flipSinToCos(), channels % 2 == 1),
        positionalFrequencies(manager, channels, config.freqShift()),
        channels);
  }

  /**
   * Sinusoidal position encoding {@code [sin(t ω), cos(t ω)]} (Vaswani et al. 2017, section 3.5).
   *
   * @param flipSinToCos whether the cosines come first
   * @param odd whether a zero is appended, for an odd length
   */
  static TorchFunction sinusoid(boolean flipSinToCos, boolean odd) {
    String order = flipSinToCos ? "torch.cos(a), torch.sin(a)" : "torch.sin(a), torch.cos(a)";
    return TorchFunction.of(
        "t, frequencies",
        "a = torch.mul(torch.unsqueeze(t, 1), frequencies)",
        "e = torch.cat([" + order + "], 1)",
        odd ? "return torch.constant_pad_nd(e, [0, 1], 0)" : "return e");
  }

  /** Gaussian Fourier features of log t (Song et al. 2021, arXiv:2011.13456, appendix C). */
  static TorchFunction gaussianFourier() {
    return TorchFunction.of(
        "t, frequencies",
        "a = torch.mul(torch.unsqueeze(torch.log(t), 1), frequencies)",
        "a = torch.mul(torch.mul(a, 2), 3.1415926535897931)",
        "return torch.cat([torch.sin(a), torch.cos(a)], 1)");
  }

  /** exp(-ln(10000) i / (D/2 - freqShift)), rounded to float32 where PyTorch rounds. */
  private static NDArray positionalFrequencies(NDManager manager, int channels, int freqShift) {
    int half = channels / 2;
    float[] exponents = new float[half];
    for (int i = 0; i < half; i++) {
      exponents[i] = (float) -Math.log(MAX_PERIOD) * i / (half - freqShift);
    }
    return consume(manager.create(exponents), NDArray::exp);
  }

  /** float32 {@code (N)} to {@code (N, dim)}. */
  NDArray forward(NDArray timesteps) {
    return function.apply(timesteps, frequencies);
  }
}
