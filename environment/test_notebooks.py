"""Runs the notebooks' cells as a student does: in order, again, interrupted, and on Python's folders."""

import json
import os
import shutil
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

import nbformat

from environment.test_kernel import Notebook

PROJECT = Path(__file__).resolve().parent.parent
INTEROP = PROJECT / "src/test/resources/interop"
SECONDS_TO_STOP = 3
LOOP = "for (; step < epoch.batches(); step++)"
START_OVER = "int step = 0;"
OPTIONS = "double learningRate"
CONSTRUCTOR = "UNet2DModelConfig unetConfig = UNet2DModelConfig.fromJson("
CHAIN = 'new ProgressLine("DDPM"'


def code_cells(name):
    notebook = nbformat.read(PROJECT / name, as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


class Cells(unittest.TestCase):
    """A kernel in a temporary folder, and the cells of a notebook."""

    def open(self, name, **settings):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        before = os.getcwd()
        os.chdir(self.folder)
        self.addCleanup(os.chdir, before)
        for variable in ("PRESET", "EMNIST_DIR", "EMNIST_SPLIT", "RESUME_FROM_CHECKPOINT"):
            settings[variable] = ""
        with mock.patch.dict(os.environ, settings):
            self.notebook = Notebook()
        self.addCleanup(self.notebook.close)
        self.cells = code_cells(name)

    def cell(self, part):
        found = [cell for cell in self.cells if part in cell]
        self.assertEqual(1, len(found), part)
        return found[0]

    def run_cell(self, source):
        answer = self.notebook.run(source)
        self.assertIsNone(answer.error, source)
        return answer

    def interrupt(self, source, seconds):
        request = self.notebook.send(source)
        time.sleep(seconds)
        interrupted = time.monotonic()
        self.notebook.interrupt()
        answer = self.notebook.collect(request)
        self.assertLess(time.monotonic() - interrupted, SECONDS_TO_STOP)
        self.assertEqual("InterruptedException", answer.reply["ename"])


class Training(Cells):
    def test_the_loop_by_hand_trains_as_the_trainer_does_and_cells_can_be_run_again(self):
        self.open("egitim.ipynb", MAX_EPOCH="1", DATASET_LIMIT="520", OUTPUT_DIR="models")
        for cell in self.cells:
            self.run_cell(cell)
        for by_hand, by_trainer in (("model", "unet"), ("averaged", "opened")):
            equal = (
                "UNet2DModel opened = Checkpoint.of(outputDir, 1).unet(manager);\n"
                f"Safetensors.sha256({by_hand}.parameters())"
                f".equals(Safetensors.sha256({by_trainer}.parameters()))"
            )
            self.assertEqual("true", self.run_cell(equal).text)
        for name in ("evaluation_metrics.csv", "hand_loop/model_index.json", "epoch_1/run.json"):
            self.assertTrue((self.folder / "models" / name).is_file(), name)

        # Back to the options with another learning rate; the loop is stopped, and run to its end.
        self.run_cell(self.cell(OPTIONS).replace("1.5e-3", "1e-3"))
        self.run_cell(self.cell(START_OVER))
        self.interrupt(self.cell(LOOP), 1)
        self.assertNotEqual("0", self.run_cell("step").text)
        for cell in self.cells[self.cells.index(self.cell(LOOP)) :]:
            self.run_cell(cell)

        # After the end, the training cell says in one sentence that there is nothing left.
        done = self.notebook.run(self.cell("trainer.train("))
        self.assertEqual("IllegalStateException", done.reply["ename"])
        self.assertIn("Make a new Trainer to start over.", done.error)

    def test_no_loop_is_longer_than_twenty_lines(self):
        self.cells = code_cells("egitim.ipynb")
        self.assertLessEqual(len(self.cell(LOOP).splitlines()), 20)


class Generation(Cells):
    def test_a_folder_of_accelerate_goes_through_all_cells(self):
        self.open("uretim.ipynb", MAX_EPOCH="50", DATASET_LIMIT="104", OUTPUT_DIR="python", RUNS="2")
        epoch = self.folder / "python/epoch_50"
        epoch.mkdir(parents=True)
        shutil.copy(INTEROP / "model.safetensors", epoch)
        options = json.loads((INTEROP / "constructor.json").read_text(encoding="utf-8"))
        given = self.cell(CONSTRUCTOR)
        start, end = given.index('"""\n') + 4, given.index('""")')
        small = given[:start] + json.dumps(options) + given[end:]
        said = ""
        for cell in self.cells:
            if cell == self.cell(CHAIN):
                self.interrupt(cell, 2)
            said += self.run_cell(small if cell == given else cell).printed()
        for name in ("config.json", "scheduler_config.json", "run.json", "unet_ema"):
            self.assertIn(f"There is no {name}", said)
        made = sorted(path.name for path in self.folder.iterdir() if path.is_file())
        self.assertEqual(
            [
                "denoising_epoch_50.gif",
                "evaluation_metrics_epoch_50_random_seed.csv",
                "label_aligned_samples_epoch_50_run_1.png",
                "label_aligned_samples_epoch_50_run_2.png",
            ],
            made,
        )
        rows = (self.folder / made[1]).read_text(encoding="utf-8").splitlines()
        self.assertEqual(["run", "1", "2"], [row.split(",")[0] for row in rows])


if __name__ == "__main__":
    unittest.main()
