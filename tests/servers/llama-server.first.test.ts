import {
  assertSuccessfulCompletion,
  collectSseEvents,
  extractText,
  makeTestRequest,
  WorkerTestHarness,
} from "inference-testkit";
import { expect, test } from "vitest";
import { llamaServer, missingLlamaServer } from "../support/llama-server.js";

const { command: program, args: [, modelPath = ""] = [] } = llamaServer("llama-cpp");

if (missingLlamaServer !== undefined) test("a first test", (context) => context.skip(missingLlamaServer));

// #region llama-server
test.skipIf(missingLlamaServer !== undefined)("the capital of France is Paris", { timeout: 60_000 }, async () => {
  await using worker = await WorkerTestHarness.launch({
    command: program, // llama-server
    args: ["-m", modelPath, "--port", "{port}"],
    dialect: "llama-cpp",
    readyTimeoutMs: 60_000,
  });

  const request = makeTestRequest("job-1", "The capital of France is", 5, { temperature: 0 });
  const events = await collectSseEvents(await worker.execute(request));

  assertSuccessfulCompletion(events);
  expect(extractText(events)).toContain("Paris");
});
// #endregion
