"""The engine that runs everything: one process of ``inference-testkit serve``, shared by a whole test run."""

from __future__ import annotations

import atexit
import os
import threading
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

from ._command import find_command
from ._connection import Connection


class Engine:
    """A running engine. Most programs never see it: the first worker starts one for the whole process.

    :param command: a command line, or a program and its arguments. By default, ``INFERENCE_TESTKIT`` in the environment,
        ``node_modules/.bin`` in the working folder or above it, or PATH.
    :raises EngineError: it was not found, or cannot be started.
    """

    def __init__(self, command: str | Sequence[str] | None = None) -> None:
        __tracebackhide__ = True
        self._connection = Connection(find_command(command))

    @property
    def is_alive(self) -> bool:
        return self._connection.is_alive and self._connection.owner == os.getpid()

    def call(self, method: str, **params: Any) -> Any:
        """Calls a method of the protocol (docs/serve.md); ``None`` counts as not given."""
        __tracebackhide__ = True
        return self._connection.call(method, _given(params))

    def stream(self, method: str, **params: Any) -> Iterator[Any]:
        """Calls a method that sends events, and yields them."""
        return self._connection.stream(method, _given(params))

    def close(self) -> None:
        """Stops every worker and ends the engine. What went wrong then is a warning: no test is left to fail."""
        for problem in self._connection.close():
            warnings.warn(f"inference-testkit: {problem.get('message')}", RuntimeWarning, stacklevel=2)

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_lock = threading.Lock()
_default: Engine | None = None
_command: str | Sequence[str] | None = None


def default_engine() -> Engine:
    """The engine of this process. It is started by the first call, and again after it has ended or after a fork."""
    global _default
    __tracebackhide__ = True
    with _lock:
        if _default is None or not _default.is_alive:
            _default = Engine(_command)
        return _default


def use_command(command: str | Sequence[str] | None) -> None:
    """Sets the command of the next default engine."""
    global _command
    _command = command


def close_default_engine() -> None:
    """Ends the engine of this process, if there is one."""
    global _default
    with _lock:
        engine, _default = _default, None
    if engine is not None and engine.is_alive:
        engine.close()


atexit.register(close_default_engine)


def _given(params: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None}
