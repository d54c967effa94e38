/**
 * The layers a network is made of, as in {@code torch.nn}: named parameters with PyTorch's default
 * initialisation, and the function they parametrise.
 */
package emnist.diffusion.nn;
