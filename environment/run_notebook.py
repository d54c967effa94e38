"""Executes one notebook and keeps its outputs.

The cells' output appears on the terminal as they run. The notebook is saved even if a cell fails. Cells
run in the folder of the output file.
"""

import argparse
import asyncio
import os
import re
import signal
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbclient.util import ensure_async

os.environ["JUPYTER_PATH"] = str(Path(__file__).resolve().parent / "share/jupyter")


class Terminal:
    """Shows streamed text. A terminal shows every redraw of a progress bar, a log only the last one."""

    def __init__(self):
        self.line = ""

    def write(self, text):
        if sys.stdout.isatty():
            sys.stdout.write(text)
        else:
            lines = (self.line + text).split("\n")
            self.line = lines.pop()
            for line in lines:
                sys.stdout.write(last_state(line) + "\n")
        sys.stdout.flush()

    def end_line(self):
        if self.line:
            sys.stdout.write(last_state(self.line) + "\n")
            self.line = ""
        sys.stdout.flush()


class Stopped(Exception):
    """Someone pressed Ctrl-C."""


class LiveNotebookClient(NotebookClient):
    """A notebook client that repeats the cells' output on the terminal as it arrives.

    Ctrl-C interrupts the running cell, waits while it saves its work, and runs no further cells.
    """

    def __init__(self, notebook, **options):
        super().__init__(notebook, **options)
        self.terminal = Terminal()
        self.stopping = None
        self.on_notebook_start = self.take_over_signals
        self.on_cell_execute = self.announce
        code_cells = [cell.id for cell in notebook.cells if cell.cell_type == "code"]
        self.numbers = {cell: number for number, cell in enumerate(code_cells, start=1)}

    def take_over_signals(self, notebook):
        loop = asyncio.get_running_loop()
        for signal_number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(signal_number, self.stop)

    def stop(self):
        self.stopping = asyncio.ensure_future(ensure_async(self.km.interrupt_kernel()))

    def announce(self, cell, cell_index):
        if self.stopping:
            raise Stopped
        first = next((line for line in cell.source.splitlines() if line.strip()), "")
        self.terminal.end_line()
        print(f"-- cell {self.numbers[cell.id]} of {len(self.numbers)}: {first[:70]}", flush=True)

    def process_message(self, msg, cell, cell_index):
        content = msg["content"]
        if msg["msg_type"] == "stream":
            self.terminal.write(content["text"])
        elif msg["msg_type"] in ("display_data", "execute_result"):
            self.terminal.end_line()
            data = content["data"]
            shown = next((kind for kind in ("image/png", "text/html") if kind in data), None)
            print(f"[{shown}]" if shown else data.get("text/plain", ""), flush=True)
        return super().process_message(msg, cell, cell_index)


def last_state(line):
    """The text that a terminal shows of a line with carriage returns."""
    states = [state for state in line.split("\r") if state]
    return states[-1] if states else ""


def tidy(cell):
    """Joins the pieces of each printed text and keeps only the last state of progress bars."""
    joined = []
    for output in cell.outputs:
        if (
            output.output_type == "stream"
            and joined
            and joined[-1].output_type == "stream"
            and joined[-1].name == output.name
        ):
            joined[-1].text += output.text
        else:
            joined.append(output)
    for output in joined:
        if output.output_type == "stream":
            output.text = "\n".join(last_state(line) for line in output.text.split("\n"))
    cell.outputs = joined


def drop_volatile(notebook):
    """Removes metadata that differs between machines, so that a diff shows only real changes."""
    notebook.metadata.get("language_info", {}).pop("version", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)


def execute(path, output):
    """Executes the notebook and saves it; returns None, or the error message."""
    notebook = nbformat.read(path, as_version=4)
    code_cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in code_cells:  # so that a failed run does not mix old and new outputs
        cell.outputs, cell.execution_count = [], None
    client = LiveNotebookClient(
        notebook,
        kernel_name="java",
        timeout=None,
        startup_timeout=120,
        record_timing=False,
        resources={"metadata": {"path": str(output.parent)}},
    )
    try:
        client.execute()
        return None
    except CellExecutionError as error:
        return re.sub(r"\x1b\[[0-9;]*m", "", error.traceback)
    except Stopped:
        return "Stopped. The outputs so far are saved."
    except DeadKernelError:
        return "The kernel ended before the notebook did. The outputs so far are saved."
    finally:
        client.terminal.end_line()
        for cell in code_cells:
            tidy(cell)
        drop_volatile(notebook)
        nbformat.write(notebook, output)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--output", type=Path, help="where to save it; default: in place")
    arguments = parser.parse_args()
    path = arguments.notebook.resolve()
    if not path.is_file():
        sys.exit(f"Expected a notebook at {path}, found none. Check the path.")
    output = (arguments.output or path).resolve()
    print(f"== {path.name}", flush=True)
    failure = execute(path, output)
    if failure:
        sys.exit(f"{path.name} failed; it is saved as {output}.\n{failure}")
    print(f"== {path.name}: done, saved as {output}", flush=True)


if __name__ == "__main__":
    main()
