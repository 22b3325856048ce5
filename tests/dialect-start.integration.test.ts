import {
  assertSuccessfulCompletion,
  collectSseEvents,
  extractText,
  makeTestRequest,
  WorkerTestHarness,
} from "inference-testkit";
import { runLoad } from "inference-testkit/load";
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

test.each(SPOKEN)("a load with two client threads is sent in the dialect %s", async (dialect) => {
  await using worker = await WorkerTestHarness.startMock({ dialect, parallel: 2 });
  const { records } = await runLoad(worker, {
    profile: { kind: "constant", ratePerSec: 50 },
    requests: (index) => makeTestRequest(`load-${index}`, "Hello", 3),
    stop: { count: 6 },
    clientThreads: 2,
  });

  expect(records.map(({ status, tokensOut }) => [status, tokensOut])).toEqual(Array(6).fill(["ok", 3]));
});

test("an unknown dialect is refused before anything starts", async () => {
  const error = await rejectionOf(WorkerTestHarness.startMock({ dialect: "openai-chta" as "openai-chat" }));
  expect(error.message).toMatch(/^\[INVALID_OPTION\].*`dialect`.*openai-chat/s);
});
