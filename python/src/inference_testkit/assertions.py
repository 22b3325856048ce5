"""Assertions and extraction. All of them run in the engine, so they are those of the TypeScript framework."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ._names import to_wire
from .engine import default_engine
from .requests import TestRequest
from .response import Response
from .types import CancelResult, Channel, EndEvent, Event, EventsInput, JobOutcome, JobStatus, StopReason, StreamOptions, CollectedStream
from .worker import WorkerHarness

if TYPE_CHECKING:
    from typing_extensions import Unpack


def collect_sse_events(response: Response, **options: Unpack[StreamOptions]) -> list[Event]:
    """Reads a stream to its end; the last event is ``end`` or ``error``."""
    __tracebackhide__ = True
    return response.collect(**options)


def collect_stream(response: Response, **options: Unpack[StreamOptions]) -> CollectedStream:
    """Reads a stream to its end and returns everything about it. A broken stream is an ``outcome``, not an error."""
    __tracebackhide__ = True
    return response.collect_stream(**options)


def cancel_after(response: Response, *, tokens: int | None = None, ms: float | None = None) -> CancelResult:
    """Reads a stream, cancels its job at the trigger, and reads the rest; see :func:`assert_cancelled`."""
    __tracebackhide__ = True
    return response.cancel_after(tokens=tokens, ms=ms)


def extract_tokens(events: EventsInput) -> list[str]:
    """The texts of the token events, in order of arrival, including reasoning."""
    __tracebackhide__ = True
    tokens: list[str] = default_engine().call("extract", name="extractTokens", events=events)
    return tokens


def extract_text(events: EventsInput, *, channel: Channel = "answer") -> str:
    """The generated answer as a whole, without reasoning."""
    __tracebackhide__ = True
    return str(default_engine().call("extract", name="extractText", events=events, channel=channel))


def extract_end_event(events: EventsInput) -> EndEvent:
    """The ``end`` event. :raises TestkitAssertionError: there is none."""
    __tracebackhide__ = True
    end: EndEvent = default_engine().call("extract", name="extractEndEvent", events=events)
    return end


def assert_successful_completion(events: EventsInput) -> None:
    """Fails unless the job completed: in order, ended by ``end``, with no more token events than ``tokens_out``."""
    __tracebackhide__ = True
    _assert("assertSuccessfulCompletion", events=events)


def assert_event_order(events: EventsInput) -> None:
    """Fails unless the events are in the order of the protocol; an empty list fails."""
    __tracebackhide__ = True
    _assert("assertEventOrder", events=events)


def assert_token_count(
    events: EventsInput, expected: int | None = None, *, min: int | None = None, max: int | None = None
) -> None:
    """Fails unless the number of token events is the expected one, or within the bounds."""
    __tracebackhide__ = True
    bounds = {name: bound for name, bound in (("min", min), ("max", max)) if bound is not None}
    _assert("assertTokenCount", events=events, expected=bounds if expected is None else expected)


def assert_stop_reason(events: EventsInput, reason: StopReason, *, sequence: str | None = None) -> None:
    """Fails unless the job stopped for that reason, and at that stop sequence."""
    __tracebackhide__ = True
    _assert("assertStopReason", events=events, reason=reason, sequence=sequence)


def assert_streamed(stream: CollectedStream) -> None:
    """Fails unless the tokens arrived over the time of their generation: fake streaming fails with its figures."""
    __tracebackhide__ = True
    _assert("assertStreamed", stream=stream)


def assert_all_ok(outcomes: Sequence[JobOutcome]) -> None:
    """Fails unless every job is ``ok``; an empty list fails."""
    __tracebackhide__ = True
    _assert("assertAllOk", outcomes=_needed(outcomes))


def assert_outcomes(outcomes: Sequence[JobOutcome], expected: Mapping[JobStatus, int]) -> None:
    """Fails unless the jobs ended with exactly these statuses; 0 for a status that is left out."""
    __tracebackhide__ = True
    _assert("assertOutcomes", outcomes=_needed(outcomes), expected=expected)


def assert_cancelled(
    result: CancelResult, *, within_ms: float | None = None, tokens_after: int | None = None
) -> None:
    """Fails unless the job was cancelled in time. One that ended before also fails: nothing was tested."""
    __tracebackhide__ = True
    limits = (("withinMs", within_ms), ("tokensAfter", tokens_after))
    _assert("assertCancelled", result=result, expected={name: limit for name, limit in limits if limit is not None})


def assert_recovers(
    worker: WorkerHarness,
    fault: Mapping[str, Any],
    *,
    within_ms: float,
    restart: bool = False,
    request: TestRequest | None = None,
) -> Mapping[str, Any]:
    """Breaks a worker with a fault and checks that it serves again in time."""
    __tracebackhide__ = True
    recovery: Mapping[str, Any] = worker._engine.call(
        "assert",
        name="assertRecovers",
        worker=worker._handle,
        fault=dict(fault),
        withinMs=within_ms,
        restart=restart,
        testRequest=None if request is None else request.to_wire()["testRequest"],
    )
    return recovery


def assert_no_leak(worker: WorkerHarness, **options: Any) -> None:
    """Runs jobs one at a time and fails if the memory of the worker grows with them: ``cycles=100``."""
    __tracebackhide__ = True
    worker._engine.call("assert", name="assertNoLeak", worker=worker._handle, options=to_wire(options))


def _assert(assertion: str, **params: Any) -> None:
    __tracebackhide__ = True
    default_engine().call("assert", name=assertion, **params)


def _needed(outcomes: Sequence[JobOutcome]) -> list[Mapping[str, Any]]:
    """A job that is ok is not described, so its stream need not be sent."""
    return [
        {name: value for name, value in outcome.items() if name not in ("stream", "tokens", "text")}
        if outcome.get("status") == "ok"
        else outcome
        for outcome in outcomes
    ]
