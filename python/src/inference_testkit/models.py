"""Models and servers."""

from __future__ import annotations

from typing import Any

from ._names import from_wire, to_wire
from .engine import default_engine


def synthetic_model() -> str:
    """The path of the generated test model; it is written once and needs no download."""
    return str(default_engine().call("model.synthetic")["path"])


def server_preset(name: str, **options: Any) -> dict[str, Any]:
    """The arguments of ``WorkerHarness.launch()`` for a server that others wrote: ``launch(**server_preset("llamaServer", model=…))``.

    :param options: ``model``, ``alias``, ``parallel``, ``context_size``, ``threads``, ``args``.
    """
    preset = default_engine().call("server.preset", name=name, options=to_wire(options))
    arguments = from_wire(preset)
    return {**arguments, "command": [arguments["command"], *arguments.pop("args", [])]}
