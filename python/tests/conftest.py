"""The tests of the package run on the engine of this repository, unless INFERENCE_TESTKIT names another one."""

import json
import os
from pathlib import Path

pytest_plugins = ["pytester"]

_ENGINE = Path(__file__).parents[2] / "packages" / "testkit" / "bin" / "inference-testkit.js"
os.environ.setdefault("INFERENCE_TESTKIT", json.dumps(["node", str(_ENGINE)]))
