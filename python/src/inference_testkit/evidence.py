"""Recordings of the traffic of a worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from .engine import Engine


class Recording:
    """Records all traffic of one worker and writes it to a folder when the worker is stopped."""

    folder: str
    #: Whether the bundle is in the folder, as of the last call.
    is_written: bool

    def __init__(self, engine: Engine, answer: Mapping[str, Any]) -> None:
        self._engine = engine
        self._handle = str(answer["recording"])
        self._note(answer)

    def verdict(self, name: str, status: Literal["pass", "fail", "skip"], message: str | None = None) -> None:
        """Adds a judgement to ``verdicts.json``."""
        self._note(self._call("verdict", name=name, status=status, message=message))

    def fail(self, message: str) -> None:
        """Reports that the test failed: the bundle is kept, also after the worker was stopped."""
        self._note(self._call("fail", message=message))

    def keep(self) -> None:
        """Keeps the bundle regardless of the outcome."""
        self._note(self._call("keep"))

    def _note(self, answer: Mapping[str, Any]) -> None:
        self.folder = answer["folder"]
        self.is_written = answer["isWritten"]

    def _call(self, method: str, **params: Any) -> Mapping[str, Any]:
        __tracebackhide__ = True
        answer: Mapping[str, Any] = self._engine.call(f"recording.{method}", recording=self._handle, **params)
        return answer
