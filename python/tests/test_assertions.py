"""Each assertion with input that breaks exactly its rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

import inference_testkit as itk
from inference_testkit.types import CancelResult, Event, JobOutcome

STARTED: Event = {"type": "started", "job_id": "job-1"}
TOKEN: Event = {"type": "token", "t": "a", "i": 0}
END: Event = {"type": "end", "tokens_out": 1, "stop_reason": "max_tokens"}
ERROR: Event = {"type": "error", "code": "VRAM_OOM", "message": "out of memory", "retriable": False}
GOOD = [STARTED, TOKEN, END]

STREAM: dict[str, Any] = {"events": GOOD, "arrivals": [1, 2, 3], "bytes": 10, "outcome": {"status": "complete"}}
OK = cast(JobOutcome, {"index": 0, "jobId": "a", "status": "ok", "timings": {}})
FAILED = cast(
    JobOutcome,
    {"index": 1, "jobId": "b", "status": "transport-error", "timings": {}, "message": "no connection", "error": {"message": "first\nsecond"}},
)
TOO_LATE = cast(CancelResult, {"status": "too-late", "tokensBefore": 3, "stream": STREAM, "reason": "the job had ended"})
CANCELLED = cast(
    CancelResult,
    {"status": "cancelled", "by": "request", "tokensBefore": 3, "tokensAfterCancel": 2, "latencyMs": 9, "stream": STREAM},
)


@pytest.mark.parametrize(
    ("code", "run"),
    [
        ("COMPLETION_FAILED", lambda: itk.assert_successful_completion([STARTED, ERROR])),
        ("ORDER_VIOLATED", lambda: itk.assert_successful_completion([STARTED, TOKEN])),
        ("ORDER_VIOLATED", lambda: itk.assert_event_order([])),
        ("ORDER_VIOLATED", lambda: itk.assert_event_order([STARTED, {"type": "token", "t": "a", "i": 1}, END])),
        ("TOKEN_COUNT_MISMATCH", lambda: itk.assert_token_count(GOOD, 2)),
        ("TOKEN_COUNT_MISMATCH", lambda: itk.assert_token_count(GOOD, min=2)),
        ("STOP_MISMATCH", lambda: itk.assert_stop_reason(GOOD, "eos")),
        ("STOP_MISMATCH", lambda: itk.assert_stop_reason(GOOD, "max_tokens", sequence="}")),
        ("NO_END_EVENT", lambda: itk.extract_end_event([STARTED])),
        ("NOT_ALL_OK", lambda: itk.assert_all_ok([])),
        ("NOT_ALL_OK", lambda: itk.assert_all_ok([OK, FAILED])),
        ("OUTCOMES_MISMATCH", lambda: itk.assert_outcomes([OK], {"ok": 2})),
        ("CANCEL_TOO_LATE", lambda: itk.assert_cancelled(TOO_LATE)),
        ("CANCEL_SLOW", lambda: itk.assert_cancelled(CANCELLED, tokens_after=1)),
        ("CANCEL_SLOW", lambda: itk.assert_cancelled(CANCELLED, within_ms=5)),
    ],
)
def test_an_assertion_fails_with_its_code(code: str, run: Callable[[], object]) -> None:
    with pytest.raises(itk.TestkitAssertionError) as caught:
        run()
    assert isinstance(caught.value, AssertionError)
    assert caught.value.code == code
    assert str(caught.value).startswith(f"[{code}] ")
    assert "\nhint: " in str(caught.value)


def test_the_same_assertions_pass_on_what_is_right() -> None:
    itk.assert_successful_completion(GOOD)
    itk.assert_event_order(GOOD)
    itk.assert_token_count(GOOD, 1)
    itk.assert_token_count(GOOD, min=1, max=1)
    itk.assert_stop_reason(GOOD, "max_tokens")
    itk.assert_all_ok([OK])
    itk.assert_outcomes([OK, FAILED], {"ok": 1, "transport-error": 1})
    itk.assert_cancelled(CANCELLED, within_ms=10, tokens_after=2)
    assert itk.extract_end_event(GOOD) == END


def test_a_leak_fails() -> None:
    with itk.WorkerHarness.start_mock(stub={"faults": [{"id": "memory-leak", "bytes": 4 * 1024**2}]}) as worker:
        with pytest.raises(AssertionError, match="MEMORY_LEAK"):
            itk.assert_no_leak(worker, cycles=20)


def test_a_worker_that_does_not_recover_fails() -> None:
    with itk.WorkerHarness.start_mock(stub={"timing": {"itlMs": 10}}) as worker:
        with pytest.raises(AssertionError, match="NOT_RECOVERED"):
            itk.assert_recovers(worker, {"id": "kill", "at": {"afterTokens": 2}}, within_ms=10_000)


def test_the_errors_of_jobs_are_quoted() -> None:
    with pytest.raises(itk.TestkitAssertionError, match="no connection\n    second"):
        itk.assert_all_ok([FAILED])


def test_values_that_json_cannot_represent_are_refused() -> None:
    with pytest.raises(itk.EngineError, match="2147483647"):
        itk.assert_cancelled(CANCELLED, within_ms=float("inf"))


def test_fake_streaming_fails_with_its_figures() -> None:
    request = itk.make_test_request("job-1", "Hello", 16)
    with itk.WorkerHarness.start_mock(stub={"timing": {"ttftMs": 50, "itlMs": 20}}) as worker:
        itk.assert_streamed(worker.execute(request).collect_stream())
    with itk.WorkerHarness.start_mock(stub={"timing": {"ttftMs": 500, "itlMs": 0}}) as worker:
        held_back = worker.execute(request).collect_stream()
    with pytest.raises(AssertionError, match=r"\[NOT_STREAMED\] .*the first of 16 tokens arrived"):
        itk.assert_streamed(held_back)
