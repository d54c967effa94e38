"""Tests what is known about the packages that setup installs: their hashes, and the question after weaknesses."""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

ENVIRONMENT = Path(__file__).resolve().parent
LIBRARY = "pkg:maven/org.example/library@1.0"


class LockTest(unittest.TestCase):
    def test_every_package_has_a_version_and_a_hash(self):
        for lock in (ENVIRONMENT / "locks").iterdir():
            for line in lock.read_text().splitlines():
                self.assertRegex(line, r"^[\w.-]+==[\w.]+( --hash=sha256:[0-9a-f]{64})+$", lock.name)

    def test_every_lock_holds_what_is_required(self):
        required = re.findall(r"^([\w-]+==[\w.]+)$", (ENVIRONMENT / "requirements.txt").read_text(), re.MULTILINE)
        self.assertTrue(required)
        for lock in (ENVIRONMENT / "locks").iterdir():
            locked = [line.split()[0].replace("_", "-") for line in lock.read_text().splitlines()]
            for package in required:
                self.assertIn(package, locked, lock.name)


class Osv(BaseHTTPRequestHandler):
    """Knows one weakness, of one library."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
        results = [{"vulns": [{"id": "GHSA-1"}]} if query["package"]["purl"] == LIBRARY else {} for query in asked]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"results": results}).encode())

    def log_message(self, *_):
        pass


class AuditTest(unittest.TestCase):
    def audit(self, address, *purls):
        with tempfile.TemporaryDirectory() as folder:
            bill = Path(folder, "bom.json")
            bill.write_text(json.dumps({"components": [{"purl": purl + "?type=jar"} for purl in purls]}))
            return subprocess.run(
                [sys.executable, ENVIRONMENT / "audit.py", bill],
                env={**os.environ, "OSV": address, "no_proxy": "*"}, capture_output=True, text=True)

    def test_names_what_is_weak(self):
        with HTTPServer(("127.0.0.1", 0), Osv) as server:
            threading.Thread(target=server.serve_forever).start()
            try:
                address = f"http://127.0.0.1:{server.server_port}"
                weak = self.audit(address, LIBRARY)
                sound = self.audit(address, "pkg:maven/org.example/other@1.0")
            finally:
                server.shutdown()

        self.assertEqual((weak.returncode, weak.stdout.splitlines()[0]), (1, LIBRARY + " GHSA-1"), weak.stderr)
        self.assertEqual(sound.returncode, 0, sound.stderr)

    def test_says_that_the_database_cannot_be_reached(self):
        unreached = self.audit("http://127.0.0.1:9", LIBRARY)

        self.assertEqual(unreached.returncode, 1)
        self.assertRegex(unreached.stderr, "^Expected an answer from http://127.0.0.1:9, found .*\n$")


if __name__ == "__main__":
    unittest.main()
