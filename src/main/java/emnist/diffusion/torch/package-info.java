/**
 * The only code that uses the internals of DJL's PyTorch engine.
 *
 * <p>DJL has no group normalisation, SiLU, scaled-dot-product attention or fused optimizer. ATen
 * has them all, and TorchScript reaches ATen, so {@link emnist.diffusion.torch.TorchFunction}
 * compiles a few lines of TorchScript at run time and {@link emnist.diffusion.torch.Functional}
 * offers the results under the names of {@code torch.nn.functional}.
 */
package emnist.diffusion.torch;
