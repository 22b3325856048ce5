"""What the engine takes and returns, as types of dictionaries. Keys are those of the wire protocol and of docs/serve.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, Union

StopReason = Literal[
    "max_tokens", "stop", "eos", "stop_sequence", "tool_calls", "content_filter", "cancelled", "error"
]
Channel = Literal["answer", "reasoning"]
JobStatus = Literal[
    "ok",
    "empty",
    "not-as-requested",
    "invalid-utf8",
    "not-streamed",
    "cancelled",
    "http-error",
    "worker-error",
    "truncated",
    "transport-error",
    "limit-exceeded",
    "invalid-event",
    "cross-talk",
    "aborted",
]


class _Started(TypedDict):
    type: Literal["started"]


class StartedEvent(_Started, total=False):
    """First event of a job that began. A key is absent if the server does not report it."""

    job_id: str
    model: str
    started_at: str
    seed: int


class _Token(TypedDict):
    type: Literal["token"]
    t: str
    i: int


class TokenEvent(_Token, total=False):
    channel: Channel


class _ToolCall(TypedDict):
    type: Literal["tool_call"]
    index: int


class ToolCallEvent(_ToolCall, total=False):
    id: str
    name: str
    arguments: str


class _Metrics(TypedDict):
    type: Literal["metrics"]


class MetricsEvent(_Metrics, total=False):
    tokens_per_sec: float
    vram_bytes: int


class _End(TypedDict):
    type: Literal["end"]
    tokens_out: int
    stop_reason: StopReason


class EndEvent(_End, total=False):
    decode_time_ms: float
    stop_sequence_matched: Union[str, None]
    tokens_out_estimated: bool


class ErrorEvent(TypedDict):
    type: Literal["error"]
    code: str
    message: str
    retriable: bool


Event = Union[StartedEvent, TokenEvent, ToolCallEvent, MetricsEvent, EndEvent, ErrorEvent]


class CollectedStream(TypedDict):
    """Everything about a stream that was read to its end, however it ended."""

    events: list[Event]
    arrivals: list[float]
    bytes: int
    outcome: dict[str, Any]
    startedAtMs: float
    endedAtMs: float


#: What the assertions take.
EventsInput = Union[Sequence[Event], CollectedStream]


class _Outcome(TypedDict):
    index: int
    status: JobStatus
    timings: dict[str, float]


class JobOutcome(_Outcome, total=False):
    """How one job ended. Only ``ok`` is a success."""

    jobId: str
    correlationId: str
    message: str
    text: str
    tokens: list[str]
    end: EndEvent
    stream: CollectedStream
    cancel: CancelResult
    httpStatus: int
    code: str


class _Cancel(TypedDict):
    status: Literal["cancelled", "too-late", "ignored"]
    stream: CollectedStream
    tokensBefore: int


class CancelResult(_Cancel, total=False):
    """The result of ``cancel_after()``; see ``assert_cancelled()``."""

    latencyMs: float
    tokensAfterCancel: int
    reason: str


class Logs(TypedDict):
    lines: list[str]
    droppedCount: int
    previous: list[list[str]]


class StreamOptions(TypedDict, total=False):
    """Limits for reading a stream, and how long to wait for its close."""

    connect_ms: float
    headers_ms: float
    first_token_ms: float
    token_idle_ms: float
    transport_idle_ms: float
    total_ms: float
    event_bytes: int
    decoded_bytes: int
    event_count: int
    event_id_bytes: int
    event_name_bytes: int
    grace_ms: float
    dialect: str


class ExecuteOptions(TypedDict, total=False):
    timeout_ms: float
    #: Keys as in the guides: ``{"firstTokenMs": 60_000}``.
    timeouts: Mapping[str, float]
    headers: Mapping[str, str]
    dedicated_connection: bool


class ExecuteAllOptions(TypedDict, total=False):
    concurrency: int
    nonces: bool
    allow_duplicate_ids: bool
    require_streaming: bool


class AttachOptions(TypedDict, total=False):
    allow: Sequence[str]
    timeouts: Mapping[str, float]
    headers: Mapping[str, str]
    dialect: str
    model: str


class ProcessOptions(TypedDict, total=False):
    env: Mapping[str, str]
    cwd: str
    wrapper: Sequence[str]
    worker_id: str
    host: str
    port: int
    ready_timeout_ms: float
    stop_grace_ms: float
    shutdown_exit_codes: Sequence[int]
    log_lines: int
    name: str


class WorkerOptions(ProcessOptions, AttachOptions, total=False):
    command: Union[str, Sequence[str]]
    args: Sequence[str]
    parallel: int
    batch_invariant: bool
    max_queue: int
    max_tokens_out: int
    context_size: int
    threads: int
    inference_timeout_ms: float
    shutdown_grace_ms: float
    log_level: Literal["error", "warn", "info", "debug"]


class MockOptions(WorkerOptions, total=False):
    #: Behavior of the stub engine, keys as in the guides: ``{"timing": {"itlMs": 5}}``.
    stub: Mapping[str, Any]


class LaunchOptions(ProcessOptions, AttachOptions, total=False):
    args: Sequence[str]
    check_port_owner: bool
    ready: Mapping[str, Any]
    shutdown_signal: str
    check_identity: bool


class RecordOptions(TypedDict, total=False):
    when: Literal["always", "failure", "asked"]
    test_name: str
    redact: Union[bool, Mapping[str, bool]]
    max_bytes: int
    hash_model: bool
