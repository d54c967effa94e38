"""Writes environment/locks/PLATFORM.txt: what pip installs for requirements.txt on a machine of this kind, each file
with its SHA-256. Where there is such a file, setup accepts these files and no others.

lock.py         writes it
lock.py --name  prints its name
"""

import json
import platform
import subprocess
import sys
from pathlib import Path

ENVIRONMENT = Path(__file__).resolve().parent
LOCK = ENVIRONMENT / "locks" / "{}-{}-python{}.{}.txt".format(
    sys.platform, platform.machine(), *sys.version_info[:2])

if sys.argv[1:] == ["--name"]:
    print(LOCK.relative_to(ENVIRONMENT.parent))
    sys.exit()

report = json.loads(subprocess.run(
    [sys.executable, "-m", "pip", "install", "--quiet", "--retries", "0", "--dry-run", "--ignore-installed",
     "--report", "-", "-r", ENVIRONMENT / "requirements.txt"],
    stdout=subprocess.PIPE, check=True).stdout)
lines = sorted("{}=={} --hash=sha256:{}\n".format(
    package["metadata"]["name"].lower(), package["metadata"]["version"],
    package["download_info"]["archive_info"]["hashes"]["sha256"]) for package in report["install"])
LOCK.parent.mkdir(exist_ok=True)
LOCK.write_text("".join(lines))
print(len(lines), "packages in", LOCK)
