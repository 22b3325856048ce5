import { dirname } from "node:path";
import { statusesOf } from "../support/jobs.js";
import { makeTestRequest, TestModel, WorkerTestHarness, type ProgramOptions } from "inference-testkit";
import { expect, test } from "vitest";
import { missingLlamaServer, PROGRAM } from "../support/llama-server.js";
import { pythonProgram } from "../support/peers.js";
import { describeServer, type DialectCase } from "../support/server-battery.js";

const { command, missing: missingServer } = pythonProgram("python", "python-llama-cpp-python");
const missing = missingServer ?? missingLlamaServer;
const TIMEOUT_MS = 120_000;

/** The server of the Python bindings, on the libraries of the llama-server: one model, one job at a time. */
function server(args: readonly string[]): ProgramOptions {
  return {
    command,
    args: [
      ...["-m", "llama_cpp.server", "--model", TestModel.smolLm2().path, "--model_alias", "smollm2"],
      ...["--host", "{host}", "--port", "{port}", "--n_threads", "1", "--n_ctx", "2048", ...args],
    ],
    env: { LLAMA_CPP_LIB_PATH: dirname(PROGRAM) },
    dialect: "openai-chat",
    ready: { kind: "http", path: "/v1/models" }, // it has no /health
    readyTimeoutMs: TIMEOUT_MS,
  };
}

const EXPECTED: DialectCase = {
  prompt: "The capital of France is",
  longPrompt: "Once upon a time there was a lighthouse keeper who",
  text: "Paris",
  atLimit: "max_tokens",
  stop: { sequence: "Paris", reason: "stop" },
  estimated: true,
  refusal: { fields: { extraBody: { max_tokens: "many" } }, status: 500, message: "max_tokens" },
};

describeServer({
  name: "llama-cpp-python",
  missing,
  options: () => server(["--interrupt_requests", "False"]),
  recognized: "openai-chat",
  hasProbe: false,
  dialects: { "openai-chat": EXPECTED, "openai-completions": EXPECTED },
});

test.skipIf(missing !== undefined)(
  "by default a new request ends the one that runs: [DONE] without a finish reason, which is `truncated`",
  { timeout: TIMEOUT_MS },
  async () => {
    await using worker = await WorkerTestHarness.launch(server([]));
    const requests = ["a", "b", "c", "d"].map((id) => makeTestRequest(id, EXPECTED.longPrompt, 40, { temperature: 0 }));
    const statuses = statusesOf(await worker.executeAll(requests));

    expect(statuses).toContain("truncated");
    expect(statuses.filter((status) => status === "ok").length).toBeGreaterThanOrEqual(1);
  },
);
