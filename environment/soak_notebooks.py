"""Runs each notebook repeatedly in one kernel, and fails if its native memory keeps growing.

The settings are small. Both notebooks run in one temporary folder, because generation needs the
checkpoints from training.
"""

import os
import re
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

PROJECT = Path(__file__).resolve().parent.parent
ROUNDS = {"egitim.ipynb": 10, "uretim.ipynb": 6}  # a round of generation takes minutes
WARM_ROUND = 3  # by then everything is compiled and cached
GROWTH, GROWTH_MIB = 0.10, 20
MIB = 1 << 20
# Java allocates its complete heap at the start, so later growth is native memory.
HEAP_MIB = 512
SETTINGS = {
    "PRESET": "small",
    "MAX_EPOCH": "1",
    "DATASET_LIMIT": "104",
    "EMNIST_DIR": "",
    "EMNIST_SPLIT": "",
    "OUTPUT_DIR": "",
    "RESUME_FROM_CHECKPOINT": "",
    "RUNS": "1",
    "JDK_JAVA_OPTIONS": f"-Xms{HEAP_MIB}m -Xmx{HEAP_MIB}m -XX:+AlwaysPreTouch",
    "JUPYTER_PATH": str(PROJECT / "environment/share/jupyter"),
}
# The kernel keeps freed memory for new arrays, which hides leaks. malloc_trim returns it to Linux.
LIVE_BYTES = """
System.gc();
com.sun.jna.NativeLibrary.getProcess().getFunction("malloc_trim").invokeInt(new Object[] {0});
Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()
"""


def resident_mib(pid):
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)[1]) / 1024


def soak(name, rounds, folder):
    """The kernel's native memory after each round, in MiB."""
    notebook = nbformat.read(PROJECT / name, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(LIVE_BYTES))
    client = NotebookClient(
        notebook,
        kernel_name="java",
        timeout=None,
        startup_timeout=120,
        resources={"metadata": {"path": folder}},
    )
    native = []
    with client.setup_kernel(cleanup_kc=True):
        for number in range(1, rounds + 1):
            start = time.monotonic()
            for index, cell in enumerate(notebook.cells):
                client.execute_cell(cell, index)
            seconds = time.monotonic() - start
            native.append(resident_mib(client.km.provisioner.pid) - HEAP_MIB)
            live = int(notebook.cells[-1].outputs[0].data["text/plain"]) / MIB
            print(
                f"{name}, round {number} of {rounds}: {seconds:.0f} s, "
                f"native memory {native[-1]:.0f} MiB, live objects {live:.0f} MiB",
                flush=True,
            )
    return native


def main():
    if not Path("/proc/self/status").is_file():
        sys.exit("Expected /proc/self/status, found none. Run this on Linux.")
    os.environ.update(SETTINGS)
    with tempfile.TemporaryDirectory() as folder:
        for name, rounds in ROUNDS.items():
            native = soak(name, rounds, folder)
            allowed = native[WARM_ROUND - 1] * (1 + GROWTH) + GROWTH_MIB
            if native[-1] > allowed:
                sys.exit(
                    f"Expected {name} to hold at most {allowed:.0f} MiB of native memory after round {rounds}, "
                    f"found {native[-1]:.0f} MiB. Make all arrays under the notebook's manager."
                )


if __name__ == "__main__":
    main()
