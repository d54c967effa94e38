"""Reads files written by Java with Hugging Face's safetensors library."""

import json
import unittest
from pathlib import Path

try:
    import numpy
    from safetensors import safe_open
except ImportError as error:
    MISSING = error.name
else:
    MISSING = None

PROJECT = Path(__file__).resolve().parent.parent
WRITTEN_BY_JAVA = PROJECT / "target/interchange"
WRITTEN_BY_DIFFUSERS = PROJECT / "src/test/resources/golden/unet_i_2level_pretrained"
WEIGHTS = "diffusion_pytorch_model.safetensors"


def weights(folder):
    """The weights and the metadata of a network."""
    with safe_open(folder / WEIGHTS, framework="numpy") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata()


@unittest.skipIf(MISSING, f"Python lacks {MISSING}")
class SafetensorsTest(unittest.TestCase):
    def setUp(self):
        self.expected, _ = weights(WRITTEN_BY_DIFFUSERS)

    def check(self, precision):
        folder = WRITTEN_BY_JAVA / precision
        if not (folder / WEIGHTS).is_file():
            self.skipTest(f"{folder} is not there: run mvn test -Dtest=InterchangeTest")
        found, metadata = weights(folder)
        self.assertEqual(metadata, {"format": "pt"})
        self.assertEqual(found.keys(), self.expected.keys())
        for name, expected in self.expected.items():
            with self.subTest(name):
                self.assertEqual(found[name].dtype, precision)
                self.assertEqual(found[name].shape, expected.shape)
                numpy.testing.assert_array_equal(found[name], expected.astype(precision))

    def test_float32_keeps_every_bit(self):
        self.check("float32")

    def test_float16_is_what_numpy_rounds_to(self):
        self.check("float16")

    def test_the_precision_leaves_the_configuration_alone(self):
        files = [WRITTEN_BY_JAVA / precision / "config.json" for precision in ("float32", "float16")]
        if not all(file.is_file() for file in files):
            self.skipTest(f"{WRITTEN_BY_JAVA} is not there: run mvn test -Dtest=InterchangeTest")
        exact, half = (json.loads(file.read_text(encoding="utf-8")) for file in files)
        expected = json.loads((WRITTEN_BY_DIFFUSERS / "config.json").read_text(encoding="utf-8"))
        del expected["_diffusers_version"]
        self.assertEqual(exact, half)
        self.assertEqual({**exact, **expected}, exact)


if __name__ == "__main__":
    unittest.main()
