package emnist.diffusion.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WeightNamesTest {

  @ParameterizedTest
  @CsvSource({"query, to_q", "key, to_k", "value, to_v", "proj_attn, to_out.0"})
  void renamesADeprecatedAttention(String deprecated, String current) {
    for (String block : new String[] {"down_blocks.1", "mid_block", "up_blocks.0"}) {
      for (String kind : new String[] {"weight", "bias"}) {
        assertThat(WeightNames.current("%s.attentions.10.%s.%s".formatted(block, deprecated, kind)))
            .isEqualTo("%s.attentions.10.%s.%s".formatted(block, current, kind));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "conv_in.weight",
        "mid_block.attentions.0.group_norm.weight",
        "mid_block.attentions.0.to_q.weight",
        "mid_block.attentions.0.to_out.0.bias",
        "mid_block.attentions.0.query.scale",
        "mid_block.resnets.0.key.weight",
        "query.weight",
        "my_module.weight",
      })
  void keepsEveryOtherName(String name) {
    assertThat(WeightNames.current(name)).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "_orig_mod.mid_block.resnets.0.conv1.weight",
        "module._orig_mod.mid_block.resnets.0.conv1.weight",
        "mid_block._orig_mod.resnets.0.conv1.weight",
        "_fsdp_wrapped_module.mid_block._fsdp_wrapped_module.resnets.0.conv1.weight",
        "mid_block._checkpoint_wrapped_module.resnets.0._orig_mod.conv1.weight",
      })
  void dropsWhatIsWrappedAroundAModelOrAPartOfIt(String name) {
    assertThat(WeightNames.current(name)).isEqualTo("mid_block.resnets.0.conv1.weight");
  }

  @Test
  void dropsThePrefixOfAParallelModel() {
    assertThat(WeightNames.current("module.conv_in.weight")).isEqualTo("conv_in.weight");
    assertThat(WeightNames.current("module.mid_block.attentions.0.key.bias"))
        .isEqualTo("mid_block.attentions.0.to_k.bias");
  }
}
