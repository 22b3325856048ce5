import { fileURLToPath } from "node:url";
import { collectStream, makeTestRequest, WorkerTestHarness, type ProgramOptions } from "inference-testkit";
import { expect, test } from "vitest";
import { nodeProgram } from "../support/peers.js";
import { describeServer } from "../support/server-battery.js";

const CONFIG = fileURLToPath(new URL("../peers/servers/mock-llm.yaml", import.meta.url));
const { command, args, missing } = nodeProgram("@dwmkerr/mock-llm", "dist/main.js");

const OPTIONS: ProgramOptions = {
  command,
  args: [...args, "--config", CONFIG],
  env: { HOST: "{host}", PORT: "{port}" },
  dialect: "openai-chat",
  readyTimeoutMs: 60_000,
};

describeServer({
  name: "mock-llm",
  missing,
  options: () => OPTIONS,
  recognized: "openai-chat",
  hasProbe: false,
  dialects: {
    "openai-chat": {
      prompt: "The capital of France is Paris, on the river Seine.",
      longPrompt: "Once upon a time there was a lighthouse keeper. ".repeat(20),
      text: "Paris",
      atLimit: "stop",
      estimated: true,
      refusal: { fields: { prompt: "overloaded", extraBody: { stream: false } }, status: 429, message: "overloaded" },
    },
  },
});

test.skipIf(missing !== undefined)("a refusal of a stream is an error in the stream, with status 200", async () => {
  await using server = await WorkerTestHarness.launch(OPTIONS);
  const { outcome } = await collectStream(await server.execute(makeTestRequest("job-1", "overloaded", 5)));

  expect(outcome).toMatchObject({ status: "worker-error" });
  expect(JSON.stringify(outcome)).toContain("overloaded");
});
