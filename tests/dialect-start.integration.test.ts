import {
  assertSuccessfulCompletion,
  collectSseEvents,
  extractText,
  makeTestRequest,
  WorkerTestHarness,
} from "inference-testkit";
import { expect, test } from "vitest";
import { rejectionOf } from "./support/conditions.js";

const SPOKEN = ["openai-completions", "openai-chat", "openai-responses", "anthropic", "ollama"] as const;
const run = async (worker: WorkerTestHarness, jobId: string) =>
  collectSseEvents(await worker.execute(makeTestRequest(jobId, "Hello", 5)));

test.each(SPOKEN)("startMock() sends jobs in the dialect %s, also after a restart", async (dialect) => {
  await using worker = await WorkerTestHarness.startMock({ dialect });
  await using plain = await WorkerTestHarness.startMock();
  const events = await run(worker, "job-1");

  assertSuccessfulCompletion(events);
  expect(extractText(events)).not.toBe("");
  expect(events[0]).not.toHaveProperty("seed"); // only this project's own protocol reports it
  expect((await run(plain, "job-1"))[0]).toHaveProperty("seed");
  expect(await worker.health()).toMatchObject({ status: "healthy" });
  await worker.restart();
  assertSuccessfulCompletion(await run(worker, "job-2"));
});

test("an unknown dialect is refused before anything starts", async () => {
  const error = await rejectionOf(WorkerTestHarness.startMock({ dialect: "openai-chta" as "openai-chat" }));
  expect(error.message).toMatch(/^\[INVALID_OPTION\].*`dialect`.*openai-chat/s);
});
