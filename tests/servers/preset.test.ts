import { beforeEach } from "vitest";
import { missingLlamaServer, PROGRAM as command } from "../support/llama-server.js";
// #region preset
import { expect, test } from "vitest";
import { assertSuccessfulCompletion, collectSseEvents, extractText, makeTestRequest } from "inference-testkit";
import { TestModel, WorkerTestHarness } from "inference-testkit";
import { servers } from "inference-testkit/servers";

test("llama-server answers a question", { timeout: 120_000 }, async () => {
  const preset = servers.llamaServer({ model: TestModel.smolLm2().path, contextSize: 1024 });
  await using server = await WorkerTestHarness.launch({ ...preset, command });

  const request = makeTestRequest("job-1", "Where is the Eiffel Tower?", 20, { temperature: 0 });
  const events = await collectSseEvents(await server.execute(request));

  assertSuccessfulCompletion(events);
  expect(extractText(events)).toContain("Paris");
});
// #endregion preset

beforeEach((context) => {
  if (missingLlamaServer !== undefined) context.skip(missingLlamaServer);
});
