"""One process of the engine, and the JSON-RPC with it: one JSON object per line. See docs/serve.md."""

from __future__ import annotations

import itertools
import json
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

from .errors import EngineError, error_from

PROTOCOL_VERSION = 1
#: The engine ends a call itself after this time; it is not waited for much longer.
CALL_TIMEOUT_S = 600.0
_ANSWER_GRACE_S = 30.0
_START_TIMEOUT_S = 60.0
#: The engine takes up to a minute to stop its workers.
_END_TIMEOUT_S = 75.0
_STDERR_LINES = 100
_WINDOW = 256


class Connection:
    """A running engine. It ends, with every worker, when this process ends for any reason."""

    def __init__(self, command: Sequence[str]) -> None:
        __tracebackhide__ = True
        self._command = [*command, "serve"]
        # No locks: a generator that is collected as garbage sends a notification, at any time and in any thread.
        self._ids = itertools.count(1)
        self._waiting: dict[int, queue.SimpleQueue[dict[str, Any] | None]] = {}
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._stderr: deque[str] = deque(maxlen=_STDERR_LINES)
        self._is_over = False
        self.owner = os.getpid()
        try:
            # A session of its own: Ctrl-C reaches the tests, which stop their workers, and not the engine below them.
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise EngineError(
                f"The engine could not be started: {' '.join(self._command)}: {error}", {"code": "ENGINE_NOT_FOUND"}
            ) from error
        self._threads = [
            threading.Thread(target=target, name=f"inference-testkit-{target.__name__}", daemon=True)
            for target in (self._read_answers, self._write_lines, self._read_log)
        ]
        for thread in self._threads:
            thread.start()
        self._initialize()

    def _initialize(self) -> None:
        __tracebackhide__ = True
        params = {
            "protocolVersion": PROTOCOL_VERSION,
            "client": {"name": "inference-testkit for Python"},
            "processId": os.getpid(),
        }
        try:
            self.call("initialize", params, timeout_s=_START_TIMEOUT_S)
        except BaseException:
            self._process.kill()  # it may not be an engine at all
            self._end()
            raise

    @property
    def is_alive(self) -> bool:
        return not self._is_over

    def call(self, method: str, params: dict[str, Any], *, timeout_s: float = CALL_TIMEOUT_S + _ANSWER_GRACE_S) -> Any:
        """The result of a call.

        :raises TestkitError: what the engine answered. :raises EngineError: it does not answer, or has ended.
        """
        __tracebackhide__ = True
        call_id, answers = self._send_call(method, params)
        try:
            return self._result(self._next(method, answers, timeout_s))
        except BaseException as error:
            if not isinstance(error, Exception):  # Ctrl-C: the engine need not go on
                self.notify("$/cancel", {"id": call_id})
            raise
        finally:
            self._forget(call_id)

    def stream(self, method: str, params: dict[str, Any]) -> Iterator[Any]:
        """The events that a call sends, as they arrive; leaving the loop cancels it. At most 256 are in flight."""
        __tracebackhide__ = True
        call_id, answers = self._send_call(method, {**params, "window": _WINDOW})
        is_complete = False
        try:
            while True:
                message = self._next(method, answers, CALL_TIMEOUT_S + _ANSWER_GRACE_S)
                if message.get("method") != "stream.event":
                    is_complete = True
                    self._result(message)
                    return
                sent = message["params"]
                if sent["seq"] % (_WINDOW // 2) == 0:
                    self.notify("$/ack", {"call": call_id, "seq": sent["seq"]})
                yield sent["event"]
        finally:
            if not is_complete:
                self.notify("$/cancel", {"id": call_id})
            self._forget(call_id)

    def notify(self, method: str, params: dict[str, Any]) -> None:
        """Sends a notification; an engine that has ended does not matter."""
        self._write({"jsonrpc": "2.0", "method": method, "params": params})

    def close(self) -> list[dict[str, Any]]:
        """Stops every worker and ends the engine. Returns the problems of workers that did not stop as they should."""
        problems: list[dict[str, Any]] = []
        try:
            if self.is_alive:
                problems = self.call("shutdown", {})["problems"]
        except EngineError as error:
            problems = [{"code": error.code, "message": str(error)}]
        self._end()
        return problems

    def _end(self) -> None:
        self._lines.put(None)
        try:
            self._process.wait(_END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for thread in self._threads:
            thread.join(1)

    def _send_call(self, method: str, params: dict[str, Any]) -> tuple[int, queue.SimpleQueue[dict[str, Any] | None]]:
        answers: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        call_id = next(self._ids)
        self._waiting[call_id] = answers
        try:
            self._write({"jsonrpc": "2.0", "id": call_id, "method": method, "params": params})
        except BaseException:
            self._forget(call_id)
            raise
        if self._is_over:
            answers.put(None)
        return call_id, answers

    def _forget(self, call_id: int) -> None:
        self._waiting.pop(call_id, None)

    def _next(
        self, method: str, answers: queue.SimpleQueue[dict[str, Any] | None], timeout_s: float
    ) -> dict[str, Any]:
        __tracebackhide__ = True
        try:
            message = answers.get(timeout=timeout_s)
        except queue.Empty:
            command = " ".join(self._command)
            raise EngineError(
                f"The engine did not answer `{method}` within {timeout_s} s: {command}", {"code": "ENGINE_SILENT"}
            ) from None
        if message is None:
            raise self._gone(method)
        return message

    @staticmethod
    def _result(message: dict[str, Any]) -> Any:
        __tracebackhide__ = True
        error = message.get("error")
        if error is None:
            return message.get("result")
        raise error_from(error.get("data") or {"message": error.get("message"), "code": "ENGINE_FAILED"})

    def _gone(self, method: str) -> EngineError:
        # It has closed its output; its exit code and last words are about to arrive.
        try:
            code: object = self._process.wait(5)
        except subprocess.TimeoutExpired:
            code = "unknown"
        self._threads[-1].join(1)
        lines = "".join(f"\n  | {line}" for line in list(self._stderr)[-20:])
        return EngineError(
            f"The engine ended during `{method}`: {' '.join(self._command)} (exit code {code}){lines}",
            {"code": "ENGINE_GONE", "details": {"exitCode": code}},
        )

    def _write(self, message: dict[str, Any]) -> None:
        try:
            line = json.dumps(message, allow_nan=False) + "\n"
        except (TypeError, ValueError) as error:
            raise EngineError(
                f"Expected values that JSON can represent, got others: {error}\n"
                "hint: For a time-out that never fires, use 2147483647.",
                {"code": "INVALID_OPTION"},
            ) from error
        self._lines.put(line.encode())

    def _write_lines(self) -> None:
        """An engine that has ended is noticed where answers are read."""
        stdin = self._process.stdin
        try:
            while stdin is not None and (line := self._lines.get()) is not None:
                stdin.write(line)
                stdin.flush()
        except OSError:
            pass
        finally:
            try:
                if stdin is not None:
                    stdin.close()
            except OSError:
                pass

    def _read_answers(self) -> None:
        stdout = self._process.stdout
        try:
            for line in stdout or ():
                self._receive(line)
        finally:
            self._is_over = True
            for answers in list(self._waiting.values()):
                answers.put(None)

    def _receive(self, line: bytes) -> None:
        try:
            message = json.loads(line)
            call_id = message["params"]["call"] if message.get("method") == "stream.event" else message.get("id")
        except (ValueError, KeyError, TypeError, AttributeError):
            self._stderr.append(f"not a line of the protocol: {line[:200]!r}")
            return
        answers = self._waiting.get(call_id)
        if answers is not None:
            answers.put(message)

    def _read_log(self) -> None:
        is_debugging = os.environ.get("INFERENCE_TESTKIT_LOG") == "debug"
        for raw in self._process.stderr or ():
            line = raw.decode("utf-8", "replace").rstrip("\n")
            self._stderr.append(line)
            if is_debugging:
                print(line, file=sys.stderr)
