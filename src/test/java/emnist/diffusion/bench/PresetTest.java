package emnist.diffusion.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import emnist.diffusion.config.Json;
import emnist.diffusion.model.UNet2DModelConfig;
import emnist.diffusion.scheduler.DDPMSchedulerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The networks that are measured are those of the notebooks' cells. */
class PresetTest {

  private static final Pattern TEXT_BLOCK = Pattern.compile("\"\"\"\n(.*?)\"\"\"", Pattern.DOTALL);

  @Test
  void theTrainingNotebookTrainsThem() throws IOException {
    List<String> options = textBlocks("egitim.ipynb");

    assertThat(options).hasSize(4);
    assertThat(DDPMSchedulerConfig.fromJson(options.get(0)))
        .isEqualTo(Preset.SMALL.schedulerConfig());
    assertThat(DDPMSchedulerConfig.fromJson(options.get(1)))
        .isEqualTo(Preset.README.schedulerConfig());
    assertThat(UNet2DModelConfig.fromJson(options.get(2)).withNumClassEmbeds(27))
        .isEqualTo(Preset.SMALL.unetConfig(26));
    assertThat(UNet2DModelConfig.fromJson(options.get(3))).isEqualTo(Preset.README.unetConfig(26));
  }

  @Test
  void theGenerationNotebookHasTheOriginalsConstructor() throws IOException {
    assertThat(UNet2DModelConfig.fromJson(textBlocks("uretim.ipynb").get(0)))
        .isEqualTo(Preset.README.unetConfig(26));
  }

  private static List<String> textBlocks(String notebook) throws IOException {
    List<String> blocks = new ArrayList<>();
    for (JsonNode cell : Json.parse(Files.readString(Path.of(notebook))).get("cells")) {
      StringBuilder source = new StringBuilder();
      cell.get("source").forEach(line -> source.append(line.textValue()));
      if (cell.get("cell_type").textValue().equals("code")) {
        TEXT_BLOCK.matcher(source).results().map(MatchResult::group).forEach(blocks::add);
      }
    }
    return blocks.stream().map(block -> block.replace("\"\"\"", "")).toList();
  }
}
