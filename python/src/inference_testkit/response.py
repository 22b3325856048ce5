"""The response to a request."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from ._names import to_wire
from .engine import Engine
from .types import CancelResult, CollectedStream, Event, StreamOptions

if TYPE_CHECKING:
    from typing_extensions import Unpack


class Response:
    """The response to a request, with any status. Its body can be read once; iterating yields events as they arrive."""

    status: int
    headers: Mapping[str, str]
    url: str
    job_id: str | None
    correlation_id: str | None
    #: Defaults of ``make_test_request()`` that were not sent, because the dialect cannot carry them.
    left_out: Sequence[str]

    def __init__(self, engine: Engine, answer: Mapping[str, Any]) -> None:
        self._engine = engine
        self._handle = str(answer["response"])
        self.status = answer["status"]
        self.headers = answer["headers"]
        self.url = answer["url"]
        self.job_id = answer.get("jobId")
        self.correlation_id = answer.get("correlationId")
        self.left_out = answer.get("leftOut") or []

    def __repr__(self) -> str:
        return f"<Response {self.status} of {self.url}>"

    @property
    def ok(self) -> bool:
        return self.status == 200

    def collect(self, **options: Unpack[StreamOptions]) -> list[Event]:
        """Reads the stream to its end. :raises TestkitError: it broke; ``error.partial`` has what arrived."""
        __tracebackhide__ = True
        events: list[Event] = self._call("collect", options=to_wire(options))
        return events

    def collect_stream(self, **options: Unpack[StreamOptions]) -> CollectedStream:
        """Reads the stream to its end and returns everything about it. A broken stream is an ``outcome``, not an error."""
        __tracebackhide__ = True
        stream: CollectedStream = self._call("collectStream", options=to_wire(options))
        return stream

    def events(self, **options: Unpack[StreamOptions]) -> Iterator[Event]:
        """Yields events as they arrive. Leaving the loop closes the connection."""
        return self._engine.stream("response.stream", response=self._handle, options=to_wire(options))

    def __iter__(self) -> Iterator[Event]:
        return self.events()

    def text(self, *, max_bytes: int | None = None) -> str:
        """The whole body."""
        __tracebackhide__ = True
        return str(self._call("text", maxBytes=max_bytes)["text"])

    def json(self) -> Any:
        """The whole body as JSON."""
        __tracebackhide__ = True
        return json.loads(self.text())

    def cancel(self, *, timeout_ms: float | None = None) -> Mapping[str, Any]:
        """Cancels the job of this response, also while another thread reads it."""
        __tracebackhide__ = True
        answer: Mapping[str, Any] = self._call("cancel", timeoutMs=timeout_ms)
        return answer

    def cancel_after(
        self,
        *,
        tokens: int | None = None,
        ms: float | None = None,
        timeout_ms: float | None = None,
        timeouts: Mapping[str, float] | None = None,
    ) -> CancelResult:
        """Reads the stream, cancels its job at the trigger, and reads the rest; see ``assert_cancelled()``."""
        __tracebackhide__ = True
        options = to_wire({"timeout_ms": timeout_ms, "timeouts": timeouts})
        result: CancelResult = self._call("cancelAfter", trigger=to_wire({"tokens": tokens, "ms": ms}), options=options)
        return result

    def abort(self) -> None:
        """Closes the connection; the worker sees its client disappear."""
        __tracebackhide__ = True
        self._call("abort")

    def disconnect(self, how: Literal["reset", "close"]) -> None:
        """Cuts the connection at socket level. Needs ``dedicated_connection=True``."""
        __tracebackhide__ = True
        self._call("disconnect", how=how)

    def _call(self, method: str, **params: Any) -> Any:
        __tracebackhide__ = True
        return self._engine.call(f"response.{method}", response=self._handle, **params)
