from __future__ import annotations

import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from inference_testkit import (
    TestkitError,
    WorkerHarness,
    assert_all_ok,
    assert_cancelled,
    assert_no_leak,
    assert_outcomes,
    assert_recovers,
    assert_stop_reason,
    assert_successful_completion,
    assert_token_count,
    cancel_after,
    collect_sse_events,
    extract_end_event,
    extract_text,
    extract_tokens,
    make_test_request,
    synthetic_model,
)

OWN_WORKER = Path(__file__).parents[2] / "examples" / "own-worker" / "worker.py"


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


# #region scope
def test_leaving_the_scope_stops_the_worker() -> None:
    with WorkerHarness.start_mock() as worker:
        assert worker.pid is not None
        assert worker.health()["worker_id"] == worker.worker_id
        assert not is_free(worker.port)
    assert is_free(worker.port)


# #endregion

def test_a_program_in_any_language_is_launched() -> None:
    command = [sys.executable, str(OWN_WORKER), "--port", "{port}", "--worker-id", "{workerId}"]
    with WorkerHarness.launch(command, ready={"kind": "http", "path": "/health"}) as worker:
        events = worker.execute(make_test_request("job-1", "one two three", 3)).collect()
        assert_successful_completion(events)


def test_a_worker_with_a_model_is_started() -> None:
    with WorkerHarness.start(synthetic_model(), -1, threads=1) as worker:
        events = worker.execute(make_test_request("job-1", "Hello", 3)).collect()
        assert_successful_completion(events)
        assert worker.model is None or worker.model


def test_an_attached_worker_outlives_the_harness(mock_worker: WorkerHarness) -> None:
    with WorkerHarness.attach(mock_worker.base_url, dialect="openai-chat") as attached:
        assert attached.pid is None
        assert_successful_completion(attached.execute(make_test_request("job-1", "Hello", 3)).collect())
    assert mock_worker.health()["status"] == "healthy"


def test_a_u64_seed_survives_in_both_directions(mock_worker: WorkerHarness) -> None:
    events = mock_worker.execute(make_test_request("job-1", "Hello", 3, seed=2**64 - 1)).collect()
    assert events[0]["type"] == "started"
    assert events[0].get("seed") == 2**64 - 1


def test_events_are_read_while_they_arrive() -> None:
    with WorkerHarness.start_mock(stub={"timing": {"itlMs": 20}}) as worker:
        response = worker.execute(make_test_request("job-1", "Hello", 2000))
        seen = []
        for event in response:
            seen.append(event["type"])
            if len(seen) == 3:
                break
        assert seen == ["started", "token", "token"]
        worker.wait_for_idle()  # leaving the loop has closed the connection


def test_a_long_stream_arrives_completely(mock_worker: WorkerHarness) -> None:
    events = list(mock_worker.execute(make_test_request("job-1", "Hello", 2000)))
    assert_successful_completion(events)
    assert_token_count(events, 2000)


def test_extraction(mock_worker: WorkerHarness) -> None:
    events = collect_sse_events(mock_worker.execute(make_test_request("job-1", "Hello", 4)))
    assert len(extract_tokens(events)) == 4
    assert extract_text(events) == "".join(extract_tokens(events))
    assert extract_end_event(events)["stop_reason"] == "max_tokens"
    assert_stop_reason(events, "max_tokens")


def test_many_jobs_have_one_outcome_each() -> None:
    with WorkerHarness.start_mock(parallel=4) as worker:
        outcomes = worker.execute_all([make_test_request(f"job-{n}", "Hello", 5) for n in range(40)], concurrency=8)
        assert_all_ok(outcomes)
        assert [outcome.get("jobId") for outcome in outcomes] == [f"job-{n}" for n in range(40)]


def test_plans_cancel_some_of_many_jobs() -> None:
    with WorkerHarness.start_mock(parallel=4, stub={"timing": {"itlMs": 10}}) as worker:
        long = make_test_request("job-1", "Hello", 2000)
        short = make_test_request("job-2", "Hello", 2)
        outcomes = worker.execute_all([{"request": long, "cancelAfter": {"tokens": 2}}, short])
        assert_outcomes(outcomes, {"cancelled": 1, "ok": 1})


def test_a_job_is_cancelled() -> None:
    with WorkerHarness.start_mock(stub={"timing": {"itlMs": 10}}) as worker:
        result = cancel_after(worker.execute(make_test_request("job-1", "Hello", 2000)), tokens=3)
        assert_cancelled(result, within_ms=5_000)


def test_a_client_disconnects() -> None:
    with WorkerHarness.start_mock(stub={"timing": {"itlMs": 10}}) as worker:
        result = worker.disconnect_after(make_test_request("job-1", "Hello", 2000), tokens=2)
        assert len(result["tokens"]) >= 2
        worker.wait_for_idle()


def test_faults_are_armed_and_their_records_read(mock_worker: WorkerHarness) -> None:
    (key,) = mock_worker.arm_faults({"id": "vram-oom", "at": {"afterTokens": 1}})
    events = mock_worker.execute(make_test_request("job-1", "Hello", 5)).collect()
    assert events[-1]["type"] == "error"
    assert [(account["key"], account["fired"]) for account in mock_worker.faults()] == [(key, 1)]


def test_an_armed_fault_that_never_fired_fails_the_stop() -> None:
    worker = WorkerHarness.start_mock()
    worker.arm_faults({"id": "vram-oom", "at": {"afterTokens": 1}})
    with pytest.raises(AssertionError, match="FAULT_NEVER_FIRED"):
        worker.stop()


@pytest.mark.worker(stub={"timing": {"itlMs": 10}})
def test_a_worker_recovers_from_a_kill(mock_worker: WorkerHarness) -> None:
    recovery = assert_recovers(mock_worker, {"id": "kill", "at": {"afterTokens": 2}}, within_ms=25_000, restart=True)
    assert recovery["attempts"] == 1
    assert mock_worker.logs()["previous"] != []


def test_a_worker_without_a_leak_passes(mock_worker: WorkerHarness) -> None:
    assert_no_leak(mock_worker, cycles=20, min_growth_bytes=64 * 1024**2)


def test_a_killed_worker_is_restarted(mock_worker: WorkerHarness) -> None:
    mock_worker.kill("SIGKILL")
    assert mock_worker.wait_for_exit()["signal"] == "SIGKILL"
    assert mock_worker.restart() > 0
    assert_successful_completion(mock_worker.execute(make_test_request("job-1", "Hello", 3)).collect())


def test_a_paused_worker_does_not_answer_until_it_is_resumed(mock_worker: WorkerHarness) -> None:
    mock_worker.pause()
    with pytest.raises(TestkitError) as caught:
        mock_worker.execute(make_test_request("job-1", "Hello", 3), timeouts={"headersMs": 200})
    assert caught.value.code == "LIMIT_HEADERS"
    mock_worker.resume()
    mock_worker.wait_for_idle()


def test_a_refusal_is_an_answer(mock_worker: WorkerHarness) -> None:
    response = mock_worker.execute({"job_id": "job-1", "prompt": "", "max_tokens": 0})
    assert not response.ok
    assert [error["field"] for error in response.json()["errors"]] == ["prompt", "max_tokens"]


def test_the_body_of_a_test_request_can_be_changed(mock_worker: WorkerHarness) -> None:
    body = make_test_request("job-1", "Hello", 3).body()
    assert body["seed"] == 42
    del body["prompt"]
    assert mock_worker.execute(body).status == 400


def test_another_request_returns_any_answer(mock_worker: WorkerHarness) -> None:
    assert mock_worker.request("/nothing").status == 404
    assert mock_worker.request("/health").json()["status"] == "healthy"


def test_the_log_is_kept_after_the_stop() -> None:
    with WorkerHarness.start_mock() as worker:
        worker.wait_for_log("startup")
    assert any("startup" in line for line in worker.logs()["lines"])


def test_evidence_is_written_to_a_folder(tmp_path: Path) -> None:
    with WorkerHarness.start_mock() as worker:
        recording = worker.record_to(tmp_path / "bundle", when="failure")
        worker.execute(make_test_request("job-1", "Hello", 3)).collect()
        recording.verdict("the answer", "fail", "not what was wanted")
    assert (tmp_path / "bundle" / "verdicts.json").exists()


def test_workers_are_used_by_several_threads(mock_worker: WorkerHarness) -> None:
    def run(number: int) -> int:
        return len(extract_tokens(mock_worker.execute(make_test_request(f"job-{number}", "Hello", 5)).collect()))

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(run, range(60))) == {5}


def test_a_broken_stream_raises_with_what_arrived() -> None:
    with WorkerHarness.start_mock(stub={"faults": [{"id": "invalid-json", "at": {"afterTokens": 2}}]}) as worker:
        with pytest.raises(TestkitError) as caught:
            worker.execute(make_test_request("job-1", "Hello", 5)).collect()
    assert caught.value.code == "INVALID_EVENT"
    assert not isinstance(caught.value, AssertionError)
    assert caught.value.partial is not None
    assert len(caught.value.partial["events"]) == 3


def test_a_misspelled_option_is_named() -> None:
    with pytest.raises(TestkitError, match="did you mean `parallel`") as caught:
        WorkerHarness.start_mock(paralel=2)  # type: ignore[call-arg]
    assert caught.value.option == "params.options.paralel"
    assert caught.value.code == "INVALID_OPTION"


def test_a_program_that_ends_at_once_is_an_error_with_its_log() -> None:
    with pytest.raises(TestkitError) as caught:
        WorkerHarness.launch([sys.executable, "-c", "print('no such model'); raise SystemExit(3)"])
    assert caught.value.code == "PROCESS_DIED"
    assert "no such model" in str(caught.value)
    assert "no such model" in "".join(caught.value.log_tail)
