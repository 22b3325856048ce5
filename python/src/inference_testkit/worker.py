"""Workers under test."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ._names import to_wire
from .engine import Engine, default_engine
from .errors import TestkitError
from .evidence import Recording
from .requests import Request, item_to_wire, request_to_wire
from .response import Response
from .types import (
    AttachOptions,
    ExecuteAllOptions,
    ExecuteOptions,
    JobOutcome,
    LaunchOptions,
    Logs,
    MockOptions,
    RecordOptions,
    WorkerOptions,
)

if TYPE_CHECKING:
    from typing_extensions import Unpack


class WorkerHarness:
    """A worker under test: started or attached, verified to be the right one, and ready to serve.

    Use it as a context manager: leaving it stops the worker and everything it started. Keyword arguments have the names of the
    options in snake case; dictionaries within them have the names of the guides: ``stub={"timing": {"itlMs": 5}}``.
    """

    #: The identity that the worker reports.
    worker_id: str
    base_url: str
    port: int
    #: Process id of the worker, which also names its process group; ``None`` when attached.
    pid: int | None
    #: Time from the start of the program until it was ready; ``None`` when attached.
    ready_after_ms: float | None
    #: What the worker speaks, such as ``orcd`` or ``openai-chat``.
    dialect: str
    #: The model that requests name, where the dialect has one.
    model: str | None

    def __init__(self, engine: Engine, facts: Mapping[str, Any]) -> None:
        self._engine = engine
        self._handle = str(facts["worker"])
        self.worker_id = facts["workerId"]
        self.base_url = facts["baseUrl"]
        self.port = facts["port"]
        self.pid = facts.get("pid")
        self.ready_after_ms = facts.get("readyAfterMs")
        self.dialect = facts["dialect"]
        self.model = facts.get("model")

    @classmethod
    def start_mock(cls, *, engine: Engine | None = None, **options: Unpack[MockOptions]) -> WorkerHarness:
        """Starts the bundled worker in stub mode, without a model or GPU."""
        __tracebackhide__ = True
        return cls._start(engine, "startMock", options=to_wire(options))

    @classmethod
    def start(
        cls, model_path: str | os.PathLike[str], gpu_device: int, *, engine: Engine | None = None, **options: Unpack[WorkerOptions]
    ) -> WorkerHarness:
        """Starts the bundled worker with a model. GPU number -1 is the CPU; there is no fallback."""
        __tracebackhide__ = True
        path = os.path.abspath(model_path)
        return cls._start(engine, "start", modelPath=path, gpuDevice=gpu_device, options=to_wire(options))

    @classmethod
    def launch(
        cls, command: Sequence[str], *, engine: Engine | None = None, **options: Unpack[LaunchOptions]
    ) -> WorkerHarness:
        """Starts any program that serves: ``{port}``, ``{workerId}`` and ``{host}`` are replaced in its arguments.

        :param command: the program and its arguments; ``args`` are added to them.
        """
        __tracebackhide__ = True
        program, arguments = _split(command)
        given = {**options, "command": program, "args": [*arguments, *options.get("args", ())]}
        given.setdefault("cwd", os.getcwd())
        return cls._start(engine, "launch", options=to_wire(given))

    @classmethod
    def attach(cls, url: str, *, engine: Engine | None = None, **options: Unpack[AttachOptions]) -> WorkerHarness:
        """Attaches to a running server; ``stop()`` only closes the connections."""
        __tracebackhide__ = True
        return cls._start(engine, "attach", url=url, options=to_wire(options))

    @classmethod
    def _start(cls, engine: Engine | None, how: str, **params: Any) -> WorkerHarness:
        __tracebackhide__ = True
        chosen = engine or default_engine()
        return cls(chosen, chosen.call(f"worker.{how}", **params))

    def execute(self, request: Request, **options: Unpack[ExecuteOptions]) -> Response:
        """Sends a job. Returns when the response headers arrive, with any status."""
        __tracebackhide__ = True
        answer = self._call("execute", request=request_to_wire(request), options=to_wire(options))
        return Response(self._engine, answer)

    def request(self, path: str, *, method: str = "GET", body: str | None = None, **options: Unpack[ExecuteOptions]) -> Response:
        """Sends any other request and returns any answer."""
        __tracebackhide__ = True
        given = to_wire({**options, "method": method, "body": body})
        return Response(self._engine, self._call("request", path=path, options=given))

    def execute_all(self, requests: Sequence[Request], **options: Unpack[ExecuteAllOptions]) -> list[JobOutcome]:
        """Runs many jobs, all at once unless ``concurrency`` is set. Returns one outcome for each, in order.

        :param requests: requests, or plans ``{"request": …, "cancelAfter": {"tokens": 3}}``.
        """
        __tracebackhide__ = True
        items = [item_to_wire(item) for item in requests]
        outcomes: list[JobOutcome] = self._call("executeAll", requests=items, options=to_wire(options))
        return outcomes

    def disconnect_after(self, request: Request, *, tokens: int, how: str = "reset") -> Mapping[str, Any]:
        """Sends a job and cuts its connection after some tokens. Use ``wait_for_idle()`` to wait for the worker to notice."""
        __tracebackhide__ = True
        options = {"tokens": tokens, "how": how}
        result: Mapping[str, Any] = self._call("disconnectAfter", request=request_to_wire(request), options=options)
        return result

    def wait_for_idle(self, *, timeout_ms: float | None = None) -> float:
        """Waits until no slot is busy and no job is queued. Returns the time that took, in ms."""
        __tracebackhide__ = True
        return float(self._call("waitForIdle", timeoutMs=timeout_ms)["waitedMs"])

    def health(self) -> Mapping[str, Any]:
        """``GET /health``, also of an unhealthy worker."""
        __tracebackhide__ = True
        health: Mapping[str, Any] = self._call("health")
        return health

    def cancel(self, job_id: str) -> Mapping[str, Any]:
        """Cancels a job by its id; idempotent."""
        __tracebackhide__ = True
        answer: Mapping[str, Any] = self._call("cancel", jobId=job_id)
        return answer

    def configure_stub(self, config: Mapping[str, Any]) -> None:
        """Replaces the configuration of the stub engine for new jobs."""
        __tracebackhide__ = True
        self._call("configureStub", config=dict(config))

    def journal(self, job_id: str | None = None) -> Mapping[str, Any]:
        """What a worker in stub mode sent and when."""
        __tracebackhide__ = True
        journal: Mapping[str, Any] = self._call("journal", jobId=job_id)
        return journal

    def arm_faults(self, *faults: Mapping[str, Any]) -> list[str]:
        """Arms faults for new requests: ``{"id": "vram-oom", "at": {"afterTokens": 5}}``. Returns one key for each.

        An armed fault that never fires fails ``stop()``.
        """
        __tracebackhide__ = True
        keys: list[str] = self._call("armFaults", faults=[dict(fault) for fault in faults])
        return keys

    def disarm_faults(self, *keys: str) -> None:
        """Disarms these faults, or all of them."""
        __tracebackhide__ = True
        self._call("disarmFaults", keys=list(keys) or None)

    def faults(self) -> list[Mapping[str, Any]]:
        """The record of every fault: how often it was chosen, fired, or was bypassed and why."""
        __tracebackhide__ = True
        accounts: list[Mapping[str, Any]] = self._call("faults")
        return accounts

    def kill(self, signal: str = "SIGKILL") -> None:
        """Sends a signal to the worker process; its end is then expected."""
        __tracebackhide__ = True
        self._call("kill", signal=signal)

    def pause(self, *, for_ms: float | None = None) -> None:
        """Suspends the worker process, like a machine that hangs."""
        __tracebackhide__ = True
        self._call("pause", forMs=for_ms)

    def resume(self) -> None:
        """Resumes a paused worker."""
        __tracebackhide__ = True
        self._call("resume")

    def restart(self, *, ready_timeout_ms: float | None = None) -> float:
        """Ends what is left of the process and starts the same program on the same port. Returns how long that took, in ms."""
        __tracebackhide__ = True
        return float(self._call("restart", readyTimeoutMs=ready_timeout_ms)["readyAfterMs"])

    def wait_for_exit(self, *, timeout_ms: float | None = None) -> Mapping[str, Any]:
        """Waits until the worker process ends by itself; that end is then expected."""
        __tracebackhide__ = True
        exit_info: Mapping[str, Any] = self._call("waitForExit", timeoutMs=timeout_ms)
        return exit_info

    def logs(self, tail: int = 100) -> Logs:
        """What the worker wrote, also after it was stopped."""
        __tracebackhide__ = True
        logs: Logs = self._call("logs", tail=tail)
        return logs

    def wait_for_log(self, text: str, *, timeout_ms: float | None = None) -> Mapping[str, Any]:
        """Waits for a line of the log that contains a text; a line that is already there counts."""
        __tracebackhide__ = True
        line: Mapping[str, Any] = self._call("waitForLog", text=text, timeoutMs=timeout_ms)
        return line

    def record_to(self, folder: str | os.PathLike[str], **options: Unpack[RecordOptions]) -> Recording:
        """Records all traffic of this worker and writes it to the folder when the worker is stopped."""
        __tracebackhide__ = True
        answer = self._call("recordTo", folder=os.path.abspath(folder), options=to_wire(options))
        return Recording(self._engine, answer)

    def info(self) -> Mapping[str, Any]:
        """What is known about the worker now."""
        __tracebackhide__ = True
        info: Mapping[str, Any] = self._call("info")
        return info

    def stop(self) -> Mapping[str, Any] | None:
        """Stops the worker and everything it started, and verifies that nothing is left. Idempotent.

        :raises TestkitError: it had crashed, failed while shutting down, or outlived SIGKILL; a fault never fired.
        """
        __tracebackhide__ = True
        report: Mapping[str, Any] | None = self._call("stop")
        return report

    def __enter__(self) -> WorkerHarness:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        try:
            self.stop()
        except TestkitError as problem:
            if error is None or isinstance(error, Exception):
                raise
            warnings.warn(f"inference-testkit: {problem}", RuntimeWarning, stacklevel=2)  # Ctrl-C must end the run

    def _call(self, method: str, **params: Any) -> Any:
        __tracebackhide__ = True
        return self._engine.call(f"worker.{method}", worker=self._handle, **params)


def _split(command: Sequence[str]) -> tuple[str, list[str]]:
    if isinstance(command, str):
        return command, []
    program, *arguments = command or [""]
    return program, arguments
