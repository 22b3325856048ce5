"""A real llama-server with a real model."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from inference_testkit import WorkerHarness, assert_successful_completion, extract_text, make_test_request, server_preset

MODELS = Path(os.environ.get("INFERENCE_TESTKIT_MODELS") or Path(__file__).parents[2] / "models")
SERVER = Path(os.environ.get("LLAMA_SERVER") or MODELS / "llama-server" / "llama-server")
MODEL = MODELS / "SmolLM2-135M-Instruct.Q4_1.gguf"


@pytest.mark.skipif(
    not (SERVER.exists() and MODEL.exists()),
    reason="needs models/llama-server and the model SmolLM2: run scripts/ensure-llama-server.sh",
)
def test_llama_server_answers_a_question() -> None:
    preset = server_preset("llamaServer", model=str(MODEL), context_size=1024)
    preset["command"][0] = str(SERVER)
    with WorkerHarness.launch(**preset) as server:
        events = server.execute(make_test_request("job-1", "Where is the Eiffel Tower?", 20, temperature=0)).collect()
        assert_successful_completion(events)
        assert "Paris" in extract_text(events)
