from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from inference_testkit import Engine, EngineError, TestkitError, WorkerHarness, _connection, make_test_request
from inference_testkit._command import find_command

COMMAND = os.environ.get("INFERENCE_TESTKIT", "")


def wait_until(what: str, holds: Callable[[], bool], timeout_s: float = 30) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, f"not within {timeout_s} s: {what}"
        time.sleep(0.01)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        return not Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].strip().startswith("Z")
    except OSError:
        return Path("/proc").exists() is False


CLIENT = """
import sys, time
from inference_testkit import WorkerHarness, default_engine
worker = WorkerHarness.start_mock()
print(worker.pid, default_engine()._connection._process.pid, flush=True)
time.sleep(120)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_the_end_of_the_program_ends_the_engine_and_its_workers(how: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", CLIENT], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as client:
        assert client.stdout is not None
        worker, engine = (int(word) for word in client.stdout.readline().split())
        assert is_running(worker) and is_running(engine)
        client.send_signal(how)
        client.wait(60)
    wait_until("the end of the worker", lambda: not is_running(worker))
    wait_until("the end of the engine", lambda: not is_running(engine))


def test_a_program_that_does_not_stop_its_workers_leaves_none() -> None:
    code = "from inference_testkit import WorkerHarness; print(WorkerHarness.start_mock().pid)"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert not is_running(int(output.stdout))


def test_an_engine_that_dies_is_an_error_and_the_next_worker_gets_another_one() -> None:
    engine = Engine(COMMAND or None)
    worker = WorkerHarness.start_mock(engine=engine)
    os.kill(engine._connection._process.pid, signal.SIGKILL)
    with pytest.raises(EngineError, match="exit code -9") as caught:
        worker.health()
    assert caught.value.code == "ENGINE_GONE"
    assert not engine.is_alive
    with pytest.raises(EngineError):
        worker.stop()
    engine.close()


def test_a_call_in_progress_ends_with_the_engine() -> None:
    with Engine(COMMAND or None) as engine:
        worker = WorkerHarness.start_mock(engine=engine, stub={"timing": {"itlMs": 50}})
        events = iter(worker.execute(make_test_request("job-1", "Hello", 2000)))
        next(events)
        os.kill(engine._connection._process.pid, signal.SIGKILL)
        with pytest.raises(EngineError, match="The engine ended during"):
            list(events)


def test_what_goes_wrong_in_the_last_stop_is_a_warning() -> None:
    engine = Engine(COMMAND or None)
    WorkerHarness.start_mock(engine=engine).arm_faults({"id": "vram-oom", "at": {"afterTokens": 1}})
    with pytest.warns(RuntimeWarning, match="FAULT_NEVER_FIRED"):
        engine.close()


def test_a_forked_process_has_an_engine_of_its_own() -> None:
    code = """
import os
from inference_testkit import WorkerHarness, default_engine
first = default_engine()
with WorkerHarness.start_mock() as worker:
    child = os.fork()
    if child == 0:
        with WorkerHarness.start_mock() as other:
            os._exit(0 if default_engine() is not first and other.pid != worker.pid else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert worker.health()["worker_id"] == worker.worker_id
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], timeout=60, check=True)


def test_a_program_that_is_not_the_engine_is_an_error_with_its_output() -> None:
    with pytest.raises(EngineError, match="no engine here"):
        Engine([sys.executable, "-c", "import sys; sys.stderr.write('no engine here'); sys.exit(4)"])


def test_a_program_that_never_answers_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_connection, "_START_TIMEOUT_S", 0.2)
    with pytest.raises(EngineError, match="did not answer `initialize` within 0.2 s") as caught:
        Engine([sys.executable, "-c", "import time; time.sleep(100)"])
    assert caught.value.code == "ENGINE_SILENT"


def test_an_engine_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_connection, "PROTOCOL_VERSION", 999)
    with pytest.raises(TestkitError, match="Expected `params.protocolVersion` to be 1, got 999") as caught:
        Engine(COMMAND or None)
    assert caught.value.code == "UNKNOWN_VERSION"


def test_a_stream_that_is_dropped_unread_in_another_thread_does_no_harm(mock_worker: WorkerHarness) -> None:
    for number in range(20):
        events = iter(mock_worker.execute(make_test_request(f"job-{number}", "Hello", 5)))
        next(events)
        thread = threading.Thread(target=events.close)  # type: ignore[attr-defined]
        thread.start()
        thread.join(30)
        assert not thread.is_alive()
    mock_worker.wait_for_idle()


def test_a_command_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(EngineError, match="could not be started") as caught:
        Engine(["/no/such/program"])
    assert caught.value.code == "ENGINE_NOT_FOUND"


def test_the_command_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("INFERENCE_TESTKIT", raising=False)
    with pytest.raises(EngineError, match="npm install --save-dev inference-testkit") as caught:
        find_command()
    assert str(tmp_path) in str(caught.value)

    on_path = tmp_path / "bin" / "inference-testkit"
    in_modules = tmp_path / "node_modules" / ".bin" / "inference-testkit"
    for program in (on_path, in_modules):
        program.parent.mkdir(parents=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    below = tmp_path / "below"
    below.mkdir()
    monkeypatch.chdir(below)
    assert find_command() == [str(in_modules)]
    in_modules.unlink()
    assert find_command() == [str(on_path)]

    monkeypatch.setenv("INFERENCE_TESTKIT", "node 'a path/bin.js'")
    assert find_command() == ["node", "a path/bin.js"]
    monkeypatch.setenv("INFERENCE_TESTKIT", json.dumps(["node", "a path/bin.js"]))
    assert find_command() == ["node", "a path/bin.js"]
    monkeypatch.setenv("INFERENCE_TESTKIT", "[1]")
    with pytest.raises(EngineError, match="Expected `INFERENCE_TESTKIT` to be a command line"):
        find_command()
    assert find_command(["given"]) == ["given"]
