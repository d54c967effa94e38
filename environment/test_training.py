"""Interrupts training in a notebook and resumes it in the next cell."""

import tempfile
import time
import unittest

from environment.test_kernel import Notebook

PREPARE = """
import ai.djl.ndarray.NDManager;
import emnist.diffusion.checkpoint.Checkpoint;
import emnist.diffusion.data.*;
import emnist.diffusion.model.*;
import emnist.diffusion.scheduler.*;
import emnist.diffusion.training.*;
import java.nio.file.Path;
Path outputDir = Path.of("%s", "emnist_diffusion_model");
EmnistDataset letters = BuiltInLetters.open(true);
NDManager manager = NDManager.newBaseManager();
UNet2DModelConfig unetConfig = UNet2DModelConfig.fromJson(\"\"\"
    {"sample_size": 28, "in_channels": 1, "out_channels": 1, "layers_per_block": 1,
     "block_out_channels": [8, 16], "down_block_types": ["DownBlock2D", "DownBlock2D"],
     "up_block_types": ["UpBlock2D", "UpBlock2D"], "norm_num_groups": 8}\"\"\");
UNet2DModel model = new UNet2DModel(manager, unetConfig, 0);
TrainingConfig config = TrainingConfig.fromJson(
    "{\\"num_epochs\\": 1000, \\"train_batch_size\\": 16, \\"checkpoints_total_limit\\": 2}");
Trainer trainer = new Trainer(model, new DDPMScheduler(DDPMSchedulerConfig.defaults()), config, outputDir);
"""
TRAIN = "trainer.train(letters, epoch -> {});"
PROGRESS = """
var position = Checkpoint.latest(outputDir).orElseThrow().run().position();
position.epoch() * 1000 + position.batch()
"""
SECONDS_TO_STOP = 3


class TrainingInterrupts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.notebook = Notebook()
        self.addCleanup(self.notebook.close)
        prepared = self.notebook.run(PREPARE % folder.name)
        self.assertIsNone(prepared.error)

    def train_and_interrupt(self):
        request = self.notebook.send(TRAIN)
        self.notebook.wait_for_output(request, "loss")
        interrupted = time.monotonic()
        self.notebook.interrupt()
        answer = self.notebook.collect(request)
        self.assertLess(time.monotonic() - interrupted, SECONDS_TO_STOP)
        self.assertEqual("InterruptedException", answer.reply["ename"])
        self.assertIn("the network of that moment is in", answer.error)

    def progress(self):
        return int(self.notebook.run(PROGRESS).text)

    def test_trains_on_in_the_very_next_cell(self):
        self.train_and_interrupt()
        first = self.progress()
        self.train_and_interrupt()
        self.assertGreater(self.progress(), first)
        loaded = self.notebook.run(
            "Checkpoint.latest(outputDir).orElseThrow().unet(manager).numParameters()"
        )
        self.assertGreater(int(loaded.text), 0)


if __name__ == "__main__":
    unittest.main()
