"""The types of options have the names that the engine takes, and no others."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest

import inference_testkit

from inference_testkit import TestkitError, WorkerHarness, default_engine, make_test_request
from inference_testkit._names import to_wire
from inference_testkit import types

#: What is an argument of its own in Python.
OWN = {"worker.launch": {"command"}, "response.cancelAfter": set[str]()}


@pytest.mark.parametrize(
    ("method", "table", "params"),
    [
        ("worker.startMock", types.MockOptions, {}),
        ("worker.start", types.WorkerOptions, {"modelPath": "x", "gpuDevice": -1}),
        ("worker.launch", types.LaunchOptions, {}),
        ("worker.attach", types.AttachOptions, {"url": "http://127.0.0.1:1"}),
        ("worker.execute", types.ExecuteOptions, {"worker": "worker-1", "request": {}}),
        ("worker.executeAll", types.ExecuteAllOptions, {"worker": "worker-1", "requests": []}),
        ("worker.recordTo", types.RecordOptions, {"worker": "worker-1", "folder": "x"}),
        ("response.collect", types.StreamOptions, {"response": "response-1"}),
    ],
)
def test_every_option_of_the_engine_has_a_type(method: str, table: Any, params: dict[str, Any]) -> None:
    with pytest.raises(TestkitError) as caught:
        default_engine().call(method, **params, options={"?": 1})
    listed = re.search(r"options among (.*), got `\?`", str(caught.value))
    assert listed is not None, str(caught.value)
    names = {name for name in to_wire(dict.fromkeys(table.__annotations__, 1))}
    assert names | OWN.get(method, set()) == set(listed[1].split(", "))


def test_every_assertion_of_the_engine_has_a_function() -> None:
    with pytest.raises(TestkitError) as caught:
        default_engine().call("assert", name="?")
    listed = re.search(r"`params.name` to be (.*), got", str(caught.value))
    assert listed is not None, str(caught.value)
    for name in re.findall(r'"(\w+)"', listed[1]):
        assert re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name) in inference_testkit.__all__


def test_every_stop_reason_has_a_type() -> None:
    with pytest.raises(TestkitError) as caught:
        default_engine().call("assert", name="assertStopReason", events=[], reason="?")
    assert set(re.findall(r'"(\w+)"', str(caught.value).split(", got")[0])) == set(get_args(types.StopReason))


def test_every_status_of_a_job_has_a_type() -> None:
    with pytest.raises(TestkitError) as caught:
        default_engine().call("assert", name="assertOutcomes", outcomes=[], expected={"?": 1})
    listed = re.search(r"options among (.*), got `\?`", str(caught.value))
    assert listed is not None, str(caught.value)
    assert set(listed[1].split(", ")) == set(get_args(types.JobStatus))


def test_none_counts_as_not_given() -> None:
    with WorkerHarness.start_mock(parallel=None) as worker:  # type: ignore[arg-type]
        assert worker.execute(make_test_request("job-1", "Hello", 1)).ok
