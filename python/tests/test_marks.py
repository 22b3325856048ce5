import sys
from pathlib import Path

OWN_WORKER = str(Path(__file__).parents[2] / "examples" / "own-worker" / "worker.py")

# #region marks
import pytest

from inference_testkit import WorkerHarness, assert_cancelled, assert_token_count, cancel_after, make_test_request


@pytest.mark.worker(stub={"timing": {"itlMs": 10}})
def test_a_job_is_cancelled(mock_worker: WorkerHarness) -> None:
    response = mock_worker.execute(make_test_request("job-1", "Hello", 500))
    assert_cancelled(cancel_after(response, tokens=3), within_ms=5_000)


@pytest.mark.worker(
    command=[sys.executable, OWN_WORKER, "--port", "{port}", "--worker-id", "{workerId}"],
    ready={"kind": "http", "path": "/health"},
)
def test_my_worker_streams_the_requested_tokens(worker: WorkerHarness) -> None:
    events = worker.execute(make_test_request("job-1", "one two three", 3)).collect()
    assert_token_count(events, 3)


# #endregion
