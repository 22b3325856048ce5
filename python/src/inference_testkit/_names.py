"""Names of Python and names of the engine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


def to_wire(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options with the engine's names: ``ready_timeout_ms`` becomes ``readyTimeoutMs``. Values stay as they are."""
    return {_camel(name): value for name, value in options.items() if value is not None}


def from_wire(options: Mapping[str, Any]) -> dict[str, Any]:
    """The other way round."""
    return {re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name): value for name, value in options.items()}


def _camel(name: str) -> str:
    first, *others = name.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in others)
