"""Runs the notebooks' cells on a kernel that has no more than IJava: its methods, imports, class path order and Gson."""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from environment.test_notebooks import PROJECT, Cells

KERNEL = PROJECT / "environment/kernel"
CLASSPATH_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath"


def maven(*arguments):
    subprocess.run(["mvn", "-q", "-Dquick", *arguments], cwd=PROJECT, check=True)


def gson_of_ijava(folder):
    file = folder / "gson.txt"
    maven("-Pgson-of-ijava", CLASSPATH_GOAL, f"-Dmdep.outputFile={file}", "-DincludeArtifactIds=gson")
    return file.read_text(encoding="utf-8").strip()


def install(folder):
    """Installs the stand-in as the kernel `java`; its environment is that of the project's own kernel."""
    maven("-f", str(KERNEL / "pom.xml"), "test-compile")
    ours = PROJECT / "environment/share/jupyter/kernels/java/kernel.json"
    specification = json.loads(ours.read_text(encoding="utf-8"))
    libraries = (KERNEL / "target/classpath.txt").read_text(encoding="utf-8")
    command = specification["argv"]
    place = command.index("-cp") + 1
    command[place] = os.pathsep.join([gson_of_ijava(folder), libraries, str(KERNEL / "target/test-classes")])
    command[place + 1] = "emnist.kernel.ForeignKernel"
    project = (PROJECT / "target/classpath.txt").read_text(encoding="utf-8")
    specification["env"]["OMP_NUM_THREADS"] = "1"  # threads that wait for each other are slow on a busy machine
    specification["env"]["IJAVA_CLASSPATH"] = f"{PROJECT / 'target/classes'}{os.pathsep}{project}"
    spec = folder / "kernels/java/kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(json.dumps(specification), encoding="utf-8")


class ForeignKernelTest(Cells):
    def test_runs_all_cells_of_both_notebooks(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        folder = Path(temporary.name)
        install(folder)
        for name in ("egitim.ipynb", "uretim.ipynb"):
            self.open(
                name,
                JUPYTER_PATH=str(folder),
                OUTPUT_DIR=str(folder / "models"),
                MAX_EPOCH="1",
                DATASET_LIMIT="104",
                RUNS="1",
            )
            gson = "com.google.gson.Gson.class.getProtectionDomain().getCodeSource().getLocation()"
            self.assertIn("gson-2.8.5.jar", self.run_cell(gson).text)
            for cell in self.cells:
                # The smallest network and the fewest images that its cells allow.
                self.run_cell(cell.replace("[16, 32, 64]", "[8, 8, 8]").replace("10 * classes", "classes"))


if __name__ == "__main__":
    unittest.main()
