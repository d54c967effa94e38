package emnist.diffusion.torch;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The activation functions of a {@code UNet2DModel}, with diffusers' names. */
public enum Activation {
  SILU("torch.silu(%s)"),
  SWISH("torch.silu(%s)"),
  MISH("torch.mish(%s)"),
  GELU("torch.gelu(%s)"),
  RELU("torch.relu(%s)"),
  /** The identity, for a norm without activation. */
  NONE("%s");

  private final String torchScript;

  Activation(String torchScript) {
    this.torchScript = torchScript;
  }

  /**
   * The activation that diffusers calls {@code name}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Activation of(String name) {
    return Arrays.stream(values())
        .filter(activation -> activation != NONE && activation.diffusersName().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Expected act_fn to be one of %s, found \"%s\". Choose one of these."
                        .formatted(
                            Arrays.stream(values())
                                .filter(activation -> activation != NONE)
                                .map(Activation::diffusersName)
                                .collect(Collectors.joining(", ")),
                            name)));
  }

  private String diffusersName() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  String applyTo(String variable) {
    return torchScript.formatted(variable);
  }
}
