"""Opens the network in the box with Hugging Face's diffusers, as a reader of its card would."""

import json
import unittest
from pathlib import Path

try:
    import torch
    from diffusers import DDPMPipeline
except ImportError as error:
    MISSING = error.name
else:
    MISSING = None

PROJECT = Path(__file__).resolve().parent.parent
FOLDER = PROJECT / "src/main/resources/emnist/diffusion/checkpoint/pretrained"
MAX_BYTES = 4_000_000
LETTERS = 26


class FolderTest(unittest.TestCase):
    def test_it_has_the_files_of_a_pipeline_and_a_card(self):
        files = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()}
        self.assertEqual(
            files,
            {
                "README.md",
                "model_index.json",
                "scheduler/scheduler_config.json",
                "unet/config.json",
                "unet/diffusion_pytorch_model.safetensors",
            },
        )

    def test_it_is_small(self):
        size = sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file())
        self.assertLessEqual(size, MAX_BYTES)

    def test_the_card_begins_with_what_model_hubs_read(self):
        lines = (FOLDER / "README.md").read_text(encoding="utf-8").splitlines()
        self.assertEqual(lines[0], "---")
        front, text = lines[1 : lines.index("---", 1)], lines[lines.index("---", 1) + 1 :]
        keys = {line.split(":")[0] for line in front if line[:1].isalpha()}
        self.assertLessEqual({"license", "library_name", "tags", "datasets"}, keys)
        self.assertTrue(any(line.startswith("# ") for line in text), "the card has no title")

    def test_the_index_names_the_null_class(self):
        index = json.loads((FOLDER / "model_index.json").read_text(encoding="utf-8"))
        config = json.loads((FOLDER / "unet/config.json").read_text(encoding="utf-8"))
        self.assertEqual(index["_null_class"], LETTERS)
        self.assertEqual(config["num_class_embeds"], LETTERS + 1)


@unittest.skipIf(MISSING, f"Python lacks {MISSING}")
class DiffusersTest(unittest.TestCase):
    def test_it_generates_all_letters_and_the_null_class(self):
        pipeline = DDPMPipeline.from_pretrained(FOLDER)
        unet, scheduler = pipeline.unet, pipeline.scheduler
        self.assertEqual(unet.class_embedding.num_embeddings, LETTERS + 1)
        self.assertEqual(unet.dtype, torch.float32)
        labels = torch.arange(LETTERS + 1)
        sample = torch.randn((LETTERS + 1, 1, 28, 28), generator=torch.Generator().manual_seed(0))
        scheduler.set_timesteps(2)
        with torch.no_grad():
            for t in scheduler.timesteps:
                output = unet(sample, t, class_labels=labels).sample
                self.assertEqual(output.shape, sample.shape)
                sample = scheduler.step(output, t, sample).prev_sample
        self.assertTrue(torch.isfinite(sample).all())
        self.assertEqual(len(torch.unique(sample, dim=0)), LETTERS + 1)


if __name__ == "__main__":
    unittest.main()
