"""Finds the program ``inference-testkit``."""

from __future__ import annotations

import json
import os
import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path

from .errors import EngineError

VARIABLE = "INFERENCE_TESTKIT"
PROGRAM = "inference-testkit"


def find_command(given: str | Sequence[str] | None = None) -> list[str]:
    """The program and its leading arguments: given, from the environment, in node_modules, or in PATH.

    :raises EngineError: there is none; the message lists where it was looked for.
    """
    __tracebackhide__ = True
    if given is not None:
        return _split("command", given) if isinstance(given, str) else list(given)
    variable = os.environ.get(VARIABLE, "")
    if variable != "":
        return _split(VARIABLE, variable)
    installed = _find_installed(Path.cwd())
    if installed is not None:
        return [installed]
    raise EngineError(
        f"The program `{PROGRAM}` was not found: {VARIABLE} is not set, there is no node_modules/.bin/{PROGRAM} in "
        f"{Path.cwd()} or above it, and it is not in PATH\n"
        f"hint: Install it with `npm install --save-dev {PROGRAM}`, or set {VARIABLE} to its command.",
        {"code": "ENGINE_NOT_FOUND"},
    )


def _find_installed(folder: Path) -> str | None:
    for parent in (folder, *folder.parents):
        program = parent / "node_modules" / ".bin" / PROGRAM
        if program.exists():
            return str(program)
    return shutil.which(PROGRAM)


def _split(name: str, text: str) -> list[str]:
    __tracebackhide__ = True
    try:
        words = json.loads(text) if text.lstrip().startswith("[") else shlex.split(text)
    except ValueError as error:
        words = error
    if isinstance(words, list) and words and all(isinstance(word, str) for word in words):
        return [str(word) for word in words]
    raise EngineError(
        f"Expected `{name}` to be a command line or a JSON array of strings, got `{text}`", {"code": "INVALID_OPTION"}
    )
