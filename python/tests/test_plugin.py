"""The pytest plugin, in a pytest run of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

WORKER = Path(__file__).parents[2] / "examples" / "own-worker" / "worker.py"

FAILING = """
from inference_testkit import assert_token_count, make_test_request

def test_fails(mock_worker):
    events = mock_worker.execute(make_test_request("job-1", "Hello", 5)).collect()
    assert_token_count(events, 6)

def test_passes(mock_worker):
    assert mock_worker.health()["status"] == "healthy"
"""


def test_a_failure_has_the_message_of_the_framework_and_the_log_of_the_worker(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(FAILING)
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*assert_token_count(events, 6)*",
            "*[[]TOKEN_COUNT_MISMATCH[]] Expected exactly 6 token events, got 5*",
            "*log of mock worker-*",
            '*"execute_start"*',
        ]
    )
    assert "_connection.py" not in result.stdout.str()  # the frames of the package are hidden


def test_evidence_and_junit_are_written_for_what_failed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(FAILING)
    pytester.runpytest_subprocess("--inference-testkit-out=out").assert_outcomes(passed=1, failed=1)
    (bundle,) = (pytester.path / "out" / "evidence").iterdir()
    assert "test_fails" in bundle.name
    verdicts = json.loads((bundle / "verdicts.json").read_text())
    assert "TOKEN_COUNT_MISMATCH" in json.dumps(verdicts)
    cases = ElementTree.parse(pytester.path / "out" / "junit.xml").getroot().iter("testcase")
    properties = {
        case.get("name"): [(one.get("name"), one.get("value")) for one in case.iter("property")] for case in cases
    }
    assert properties["test_fails"] == [("evidence of mock", f"evidence/{bundle.name}")]


def test_a_worker_that_crashes_after_the_last_assertion_fails_the_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import os, signal

        def test_crash(mock_worker):
            os.kill(mock_worker.pid, signal.SIGSEGV)
        """
    )
    result = pytester.runpytest_subprocess("--inference-testkit-out=out")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*PROCESS_DIED*SIGSEGV*", "*log of mock worker-*"])
    assert len(list((pytester.path / "out" / "evidence").iterdir())) == 1


def test_the_mark_starts_a_program(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        f"""
        import pytest
        from inference_testkit import assert_token_count, make_test_request

        @pytest.mark.worker(
            command=[{sys.executable!r}, {str(WORKER)!r}, "--port", "{{port}}", "--worker-id", "{{workerId}}"],
            ready={{"kind": "http", "path": "/health"}},
        )
        def test_own(worker):
            assert_token_count(worker.execute(make_test_request("job-1", "a b c", 3)).collect(), 3)
        """
    )
    pytester.runpytest_subprocess("--strict-markers").assert_outcomes(passed=1)


def test_marks_of_a_class_and_a_test_are_joined(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        from inference_testkit import make_test_request

        @pytest.mark.worker(stub={"replies": [{"text": "from the class"}]}, worker_id="mine")
        class TestReplies:
            def test_class(self, mock_worker):
                assert mock_worker.worker_id == "mine"

            @pytest.mark.worker(worker_id="other")
            def test_nearest(self, mock_worker):
                assert mock_worker.worker_id == "other"
                response = mock_worker.execute(make_test_request("job-1", "Hello", 50))
                assert "".join(event["t"] for event in response if event["type"] == "token") == "from the class"
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("mark", "text"),
    [
        ("", "The fixture `worker` needs a mark that says which"),
        ("@pytest.mark.worker(url='x', command=['y'])", "The fixture `worker` needs a mark that says which"),
        ("@pytest.mark.worker('x')", "takes keyword arguments only"),
        ("@pytest.mark.worker(command=['x'], redy=1)", "did you mean `ready`"),
        ("@pytest.mark.worker(command=['/no/such/program'])", "SPAWN_FAILED"),
    ],
)
def test_a_wrong_mark_is_explained(pytester: pytest.Pytester, mark: str, text: str) -> None:
    pytester.makepyfile(f"import pytest\n{mark}\ndef test_it(worker): pass")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(errors=1)
    assert text in result.stdout.str()


def test_a_missing_engine_is_explained(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.makepyfile("def test_it(mock_worker): pass")
    monkeypatch.setenv("INFERENCE_TESTKIT", "/no/such/program")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*The engine could not be started: /no/such/program serve*"])


def test_an_option_names_the_command(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.makepyfile("def test_it(mock_worker): pass")
    result = pytester.runpytest_subprocess("--inference-testkit=/no/such/engine")
    result.stdout.fnmatch_lines(["*could not be started: /no/such/engine serve*"])


def test_a_test_run_without_workers_starts_no_engine(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(): pass")
    pytester.runpytest_subprocess("--inference-testkit=/no/such/engine").assert_outcomes(passed=1)
