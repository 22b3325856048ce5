"""Requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Union

from .engine import Engine, default_engine


@dataclass(frozen=True)
class TestRequest:
    """A request that the engine fills: temperature 0.7, seed 42, every other sampling parameter off, no stop sequence."""

    __test__ = False  # pytest takes classes named Test… for tests

    job_id: str
    prompt: str
    max_tokens: int
    overrides: Mapping[str, Any] = field(default_factory=dict)

    def body(self, engine: Engine | None = None) -> dict[str, Any]:
        """The full body, to be changed and sent as it is: also fields and values that a worker must reject."""
        body: dict[str, Any] = (engine or default_engine()).call("makeTestRequest", testRequest=self._values())
        return body

    def _values(self) -> dict[str, Any]:
        return {
            "jobId": self.job_id,
            "prompt": self.prompt,
            "maxTokens": self.max_tokens,
            "overrides": dict(self.overrides),
        }

    def to_wire(self) -> dict[str, Any]:
        return {"testRequest": self._values()}


#: A test request, or a body that is sent as it is.
Request = Union[TestRequest, Mapping[str, Any]]


def make_test_request(job_id: str, prompt: str, max_tokens: int, **overrides: Any) -> TestRequest:
    """Builds a request for one job; ``overrides`` replace defaults: ``temperature=0``, ``stop=["}"]``, ``seed=2**64 - 1``."""
    return TestRequest(job_id, prompt, max_tokens, overrides)


def request_to_wire(request: Request) -> dict[str, Any]:
    return request.to_wire() if isinstance(request, TestRequest) else dict(request)


def item_to_wire(item: Request) -> dict[str, Any]:
    """A request, or a plan around one: ``{"request": …, "cancelAfter": {"tokens": 3}}``."""
    if isinstance(item, TestRequest):
        return item.to_wire()
    inner = item.get("request")
    if isinstance(inner, TestRequest):
        return {**item, "request": inner.to_wire()}
    return dict(item)
