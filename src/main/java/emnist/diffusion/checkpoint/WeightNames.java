package emnist.diffusion.checkpoint;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names of a UNet's weights, as older versions and other programs have written them. */
final class WeightNames {

  /** What DataParallel, torch.compile, FSDP and its checkpointing put around a module's name. */
  private static final Pattern WRAPPERS =
      Pattern.compile(
          "(?<![^.])(module|_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\\.");

  private static final Pattern DEPRECATED_ATTENTION =
      Pattern.compile("(.+\\.attentions\\.\\d+\\.)(query|key|value|proj_attn)(\\.weight|\\.bias)");

  private static final Map<String, String> RENAMED =
      Map.of("query", "to_q", "key", "to_k", "value", "to_v", "proj_attn", "to_out.0");

  private WeightNames() {}

  /**
   * The current name: without the wrappers of a parallel or compiled model, around all of it or a
   * part, and with the names that attention has had since diffusers 0.15 ({@code
   * ModelMixin._fix_state_dict_keys_on_load}).
   */
  static String current(String name) {
    String own = WRAPPERS.matcher(name).replaceAll("");
    Matcher deprecated = DEPRECATED_ATTENTION.matcher(own);
    return deprecated.matches()
        ? deprecated.group(1) + RENAMED.get(deprecated.group(2)) + deprecated.group(3)
        : own;
  }
}
