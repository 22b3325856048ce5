"""What the framework raises. Match on ``code``, never on the text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class TestkitError(Exception):
    """Base class of everything that the framework raises on purpose. The message is self-contained."""

    __test__ = False  # pytest takes classes named Test… for tests

    #: A code of ``docs/errors.md``, or one of the engine, such as ``CALL_TIMEOUT``.
    code: str
    hint: str
    #: Facts: command, pid, exit code, URL, waited ms …
    details: Mapping[str, Any]
    #: The last log lines of the worker, as shown in the message.
    log_tail: Sequence[str]
    #: The name of the invalid option, for ``INVALID_OPTION``.
    option: str | None
    #: All of them, if several things failed at once; the first one leads.
    errors: Sequence[TestkitError]
    #: What had arrived of a stream that broke, like the result of ``collect_stream()``.
    partial: Mapping[str, Any] | None

    def __init__(self, message: str, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        data = data or {}
        self.code = str(data.get("code", "ENGINE_FAILED"))
        self.hint = str(data.get("hint") or "")
        self.details = data.get("details") or {}
        self.log_tail = data.get("logTail") or []
        self.option = data.get("option")
        self.errors = [error_from(each) for each in data.get("errors") or []]
        self.partial = data.get("partial")


class TestkitAssertionError(TestkitError, AssertionError):
    """An assertion failed."""


class EngineError(TestkitError):
    """The engine, ``inference-testkit serve``, was not found, does not answer, or has ended."""


def error_from(data: Mapping[str, Any]) -> TestkitError:
    """The exception for the ``data`` of an answer."""
    kind = TestkitAssertionError if data.get("isAssertion") else TestkitError
    return kind(str(data.get("message", "unknown error")), data)
