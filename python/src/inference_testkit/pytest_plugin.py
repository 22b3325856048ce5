"""The pytest plugin: fixtures ``mock_worker`` and ``worker``, the mark ``worker``, evidence, and the worker's log in the report."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from . import engine as engines
from .errors import TestkitError
from .evidence import Recording
from .worker import WorkerHarness

_LOG_LINES = 50
_LONGEST_NAME = 80
_MARK = "worker(**options): options of the fixtures mock_worker and worker of inference-testkit"


@dataclass
class _TestWorkers:
    """The workers of one test, and how it went so far."""

    workers: list[tuple[str, WorkerHarness]] = field(default_factory=list)
    failure: str | None = None


_workers = pytest.StashKey[_TestWorkers]()
_folder = pytest.StashKey["Path | None"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("inference-testkit")
    group.addoption(
        "--inference-testkit",
        metavar="COMMAND",
        help="command of inference-testkit (default: INFERENCE_TESTKIT, node_modules/.bin, PATH)",
    )
    group.addoption(
        "--inference-testkit-out",
        metavar="FOLDER",
        help="folder for junit.xml and the evidence of every test that fails",
    )
    parser.addini("inference_testkit", "command of inference-testkit")
    parser.addini("inference_testkit_out", "folder for junit.xml and the evidence of every test that fails")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", _MARK)
    command = config.getoption("--inference-testkit") or config.getini("inference_testkit")
    if command:
        engines.use_command(str(command))
    out = config.getoption("--inference-testkit-out") or config.getini("inference_testkit_out")
    config.stash[_folder] = config.rootpath.joinpath(str(out)) if out else None
    if out and not config.getoption("xmlpath", None):
        config.option.xmlpath = str(config.rootpath.joinpath(str(out), "junit.xml"))


def pytest_unconfigure(config: pytest.Config) -> None:
    engines.close_default_engine()


@pytest.fixture
def mock_worker(request: pytest.FixtureRequest) -> Iterator[WorkerHarness]:
    """A worker in stub mode, one per test; options by ``@pytest.mark.worker(stub=…)``."""
    yield from _use(request, "mock", WorkerHarness.start_mock(**_marked(request)))


@pytest.fixture
def worker(request: pytest.FixtureRequest) -> Iterator[WorkerHarness]:
    """The worker of the mark ``worker``: ``command`` starts a program, ``url`` attaches to a server, ``model`` starts the bundled worker."""
    yield from _use(request, "worker", _start(_marked(request)))


def _start(options: dict[str, Any]) -> WorkerHarness:
    __tracebackhide__ = True
    ways = [way for way in ("command", "url", "model") if way in options]
    if ways == ["command"]:
        return WorkerHarness.launch(options.pop("command"), **options)
    if ways == ["url"] or ways == ["url", "model"]:
        return WorkerHarness.attach(options.pop("url"), **options)
    if ways == ["model"]:
        return WorkerHarness.start(options.pop("model"), options.pop("gpu_device", -1), **options)
    if ways == ["command", "model"]:
        return WorkerHarness.launch(options.pop("command"), **options)
    raise pytest.UsageError(
        "The fixture `worker` needs a mark that says which: `@pytest.mark.worker(command=[…])` starts a program, `url=…` attaches to a "
        "server, `model=…` starts the bundled worker with a GGUF file. For a worker without a model, use the fixture `mock_worker`."
    )


def _marked(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The options of all marks; the one that is nearest to the test counts."""
    options: dict[str, Any] = {}
    for mark in request.node.iter_markers("worker"):
        if mark.args:
            raise pytest.UsageError(f"The mark `worker` takes keyword arguments only, got {mark.args!r}")
        options = {**mark.kwargs, **options}
    return options


def _use(request: pytest.FixtureRequest, kind: str, harness: WorkerHarness) -> Iterator[WorkerHarness]:
    state = request.node.stash.setdefault(_workers, _TestWorkers())
    state.workers.append((kind, harness))
    recording: Recording | None = None
    try:
        recording = _record(request, kind, harness)
        yield harness
    finally:
        try:
            if recording is not None and state.failure is not None:
                recording.fail(state.failure)
        finally:
            _stop(harness, recording if state.failure is None else None)


def _stop(harness: WorkerHarness, recording: Recording | None) -> None:
    """A worker that does not end as it should fails the test, so its evidence is kept."""
    __tracebackhide__ = True
    try:
        harness.stop()
    except TestkitError as error:
        if recording is not None:
            recording.fail(str(error))
        raise


def _record(request: pytest.FixtureRequest, kind: str, harness: WorkerHarness) -> Recording | None:
    folder = request.config.stash[_folder]
    if folder is None:
        return None
    recording = harness.record_to(folder / "evidence" / _name(request.node.nodeid, kind), when="asked", test_name=request.node.nodeid)
    request.node.user_properties.append((f"evidence of {kind}", os.path.relpath(recording.folder, folder)))
    return recording


def _name(nodeid: str, kind: str) -> str:
    """A folder name that is the same in every run."""
    readable = re.sub(r"\W+", "-", nodeid).strip("-")[-_LONGEST_NAME:].strip("-")
    return f"{readable}-{hashlib.sha256(nodeid.encode()).hexdigest()[:8]}-{kind}"


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
    outcome = yield
    report: pytest.TestReport = outcome.get_result()
    state = item.stash.get(_workers, None)
    if state is None or not report.failed:
        return
    state.failure = state.failure or report.longreprtext or "the test failed"
    for kind, harness in state.workers:
        report.sections.append((f"log of {kind} {harness.worker_id}", _read_log(harness)))


def _read_log(harness: WorkerHarness) -> str:
    try:
        logs: Mapping[str, Any] = harness.logs(_LOG_LINES)
    except TestkitError as error:
        return f"not available: {str(error).splitlines()[0]}"
    lines = [line for older in logs["previous"] for line in [*older, "(restarted)"]]
    return "\n".join([*lines, *logs["lines"]]) or "(empty)"
