"""Tests who can reach the Jupyter server that `make lab` starts, and where it and the kernel run."""

import json
import os
import queue
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
import unittest
from importlib.util import find_spec
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import nbformat

PROJECT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 60
LISTENING = "0A"


class Lab:
    """Runs `make lab` with an empty configuration, a browser that does nothing, and no terminal."""

    def __init__(self, configuration, folder=PROJECT, **variables):
        environment = {**os.environ, "BROWSER": "true", "JUPYTER_CONFIG_DIR": configuration, **variables}
        environment.pop("JUPYTER_TOKEN", None)
        self.process = subprocess.Popen(
            ["make", "lab"],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines = queue.Queue()
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def address(self):
        """The server's address and token. It prints both before it listens."""
        printed = ""
        deadline = time.monotonic() + PATIENCE_SECONDS
        try:
            while line := self.lines.get(timeout=max(0, deadline - time.monotonic())):
                printed += line
                if found := re.search(r"(http://[^/\s]+/)\S*[?&]token=(\w+)", line):
                    return found.groups()
        except queue.Empty:
            pass
        raise AssertionError(f"Expected an address with a token, found:\n{printed}")

    def close(self):
        """Ends all processes of `make lab`; its output closes when the last one has ended."""
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            if self.reader.is_alive():
                os.killpg(self.process.pid, signal_number)
                self.reader.join(PATIENCE_SECONDS)
        self.process.wait()
        self.process.stdout.close()

    def sockets(self):
        """The inodes of all sockets of all processes that `make lab` started."""
        links = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if os.getsid(int(process.name)) == self.process.pid:
                    links += [os.path.realpath(file) for file in (process / "fd").iterdir()]
            except OSError:
                continue  # it has just ended
        return set(re.findall(r"socket:\[(\d+)\]", "\n".join(links)))


def listeners(protocol):
    """Inode and address, in hexadecimal, of each listening socket."""
    rows = [line.split() for line in Path("/proc/net", protocol).read_text().splitlines()[1:]]
    return {row[9]: row[1].split(":")[0] for row in rows if row[3] == LISTENING}


def wait_until_open(address):
    url = urlsplit(address)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return socket.create_connection((url.hostname, url.port), PATIENCE_SECONDS).close()
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def get(address, **headers):
    request = Request(address, headers=headers)
    with build_opener(ProxyHandler({})).open(request, timeout=PATIENCE_SECONDS) as response:
        return response.read().decode()


class LabTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        configuration = tempfile.TemporaryDirectory()
        cls.addClassCleanup(configuration.cleanup)
        cls.lab = Lab(configuration.name)
        cls.addClassCleanup(cls.lab.close)
        cls.address, cls.token = cls.lab.address()
        wait_until_open(cls.address)

    def kernels(self, **headers):
        return json.loads(get(self.address + "api/kernelspecs", **headers))["kernelspecs"]

    @unittest.skipUnless(Path("/proc/net/tcp").is_file(), "this system has no /proc/net/tcp")
    def test_listens_to_this_machine_only(self):
        sockets = self.lab.sockets()
        ipv4 = {
            socket.inet_ntoa(struct.pack("=I", int(address, 16)))
            for inode, address in listeners("tcp").items()
            if inode in sockets
        }
        self.assertEqual({"127.0.0.1"}, ipv4)
        if Path("/proc/net/tcp6").is_file():
            self.assertEqual(set(), sockets & listeners("tcp6").keys())

    def test_refuses_who_has_no_token(self):
        for headers in ({}, {"Authorization": "token " + "0" * len(self.token)}):
            with self.subTest(headers=headers), self.assertRaises(HTTPError) as refusal:
                self.kernels(**headers)
            self.assertEqual(403, refusal.exception.code)
            refusal.exception.close()

    def test_offers_java_to_who_has_the_token(self):
        self.assertIn("java", self.kernels(Authorization=f"token {self.token}"))

    @unittest.skipUnless(find_spec("jupyterlab"), "the classic notebook server has no news")
    def test_neither_asks_for_news_nor_looks_for_updates(self):
        settings = self.address + "lab/api/settings/@jupyterlab/apputils-extension:notification"
        schema = json.loads(get(settings, Authorization=f"token {self.token}"))["schema"]
        defaults = {name: schema["properties"][name]["default"] for name in ("checkForUpdates", "fetchNews")}
        self.assertEqual({"checkForUpdates": False, "fetchNews": "false"}, defaults)


class MovedFolderTest(unittest.TestCase):
    """The project in another folder, with the times, links and paths that `mv` leaves."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="moved-", dir=PROJECT / "target")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name, "ığüş proje")
        shutil.copytree(
            PROJECT,
            cls.folder,
            symlinks=True,
            ignore=shutil.ignore_patterns(".git", "moved-*"),
            copy_function=os.link,  # takes no space
        )
        shutil.rmtree(cls.folder / "environment/share")  # setup writes into its files

    def test_works_for_a_user_without_a_locale_and_without_an_entry_in_the_password_file(self):
        self.check(LC_ALL="C", JDK_JAVA_OPTIONS="-Duser.home=?")
        self.assertFalse((self.folder / "?").exists())

    def test_works_where_the_locale_is_not_installed(self):
        self.check(LC_ALL="xx_XX.UTF-8")

    def check(self, **variables):
        """Opens the notebooks, then runs a cell that uses PyTorch."""
        lab = Lab(str(self.folder.parent), self.folder, **variables)
        try:
            wait_until_open(lab.address()[0])
        finally:
            lab.close()
        cell = """
            var ones = ai.djl.ndarray.NDManager.newBaseManager().ones(new ai.djl.ndarray.types.Shape(3));
            System.out.println(ai.djl.util.Utils.getEngineCacheDir() + ", " + ones.sum().getFloat());"""
        notebook = self.folder / "target/cell.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)]), notebook)
        subprocess.run(
            [".venv/bin/python", "environment/run_notebook.py", notebook],
            cwd=self.folder,
            env={**os.environ, **variables},
            check=True,
        )
        outputs = nbformat.read(notebook, as_version=4).cells[0].outputs
        self.assertEqual(f"{self.folder}/.cache/djl, 3.0\n", outputs[0].text)


if __name__ == "__main__":
    unittest.main()
