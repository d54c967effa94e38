"""Asks OSV, an open database of known weaknesses, about everything in the bills of materials named on the command line
and about the Python packages in .venv. Names what it finds, and fails if that is anything.
"""

import json
import os
import sys
from importlib.metadata import distributions
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

OSV = os.environ.get("OSV", "https://api.osv.dev")
MAX_QUERIES = 1000


def packages(bills):
    for bill in bills:
        for component in json.loads(Path(bill).read_text())["components"]:
            yield component["purl"].partition("?")[0]
    for package in distributions():
        yield "pkg:pypi/{}@{}".format(package.metadata["Name"].lower(), package.version)


def weaknesses(purls):
    for start in range(0, len(purls), MAX_QUERIES):
        asked = purls[start:start + MAX_QUERIES]
        body = json.dumps({"queries": [{"package": {"purl": purl}} for purl in asked]}).encode()
        request = Request(OSV + "/v1/querybatch", body, {"Content-Type": "application/json"})
        with urlopen(request, timeout=60) as answer:
            for purl, result in zip(asked, json.load(answer)["results"]):
                for weakness in result.get("vulns", []):
                    yield purl, weakness["id"]


purls = sorted(set(packages(sys.argv[1:])))
try:
    found = list(weaknesses(purls))
except URLError as error:
    sys.exit(f"Expected an answer from {OSV}, found {error.reason}. Run this where the internet can be reached.")
for purl, weakness in found:
    print(purl, weakness)
print(f"{len(found)} known weaknesses in {len(purls)} packages")
sys.exit(bool(found))
