import { collectSseEvents, makeTestRequest } from "inference-testkit";
import { expect, test } from "inference-testkit/vitest";
import { setTimeout as pause } from "node:timers/promises";

test.override("workerOptions", { stub: { timing: { ttftMs: 1_500 } } });

test.beforeEach(async ({ worker }) => {
  await worker.health();
  await pause(5_000); // of the hook's own limit
});

test("waits for a token", async ({ worker }) => {
  expect(await collectSseEvents(await worker.execute(makeTestRequest("job-1", "Hello", 1)))).toHaveTokenCount(1);
});
