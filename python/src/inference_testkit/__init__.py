"""Integration tests for LLM inference workers.

Everything runs in one engine, a process of ``inference-testkit serve``: this package starts it, and it ends with this process.
"""

from .assertions import (
    assert_all_ok,
    assert_cancelled,
    assert_event_order,
    assert_no_leak,
    assert_outcomes,
    assert_recovers,
    assert_stop_reason,
    assert_streamed,
    assert_successful_completion,
    assert_token_count,
    cancel_after,
    collect_sse_events,
    collect_stream,
    extract_end_event,
    extract_text,
    extract_tokens,
)
from .engine import Engine, default_engine
from .errors import EngineError, TestkitAssertionError, TestkitError
from .evidence import Recording
from .models import server_preset, synthetic_model
from .requests import TestRequest, make_test_request
from .response import Response
from .worker import WorkerHarness

__all__ = [
    "Engine",
    "EngineError",
    "Recording",
    "Response",
    "TestRequest",
    "TestkitAssertionError",
    "TestkitError",
    "WorkerHarness",
    "assert_all_ok",
    "assert_cancelled",
    "assert_event_order",
    "assert_no_leak",
    "assert_outcomes",
    "assert_recovers",
    "assert_stop_reason",
    "assert_streamed",
    "assert_successful_completion",
    "assert_token_count",
    "cancel_after",
    "collect_sse_events",
    "collect_stream",
    "default_engine",
    "extract_end_event",
    "extract_text",
    "extract_tokens",
    "make_test_request",
    "server_preset",
    "synthetic_model",
]
