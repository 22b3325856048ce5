// #region playwright-worker
import { expect } from "@playwright/test";
import { collectSseEvents, extractTokens, makeTestRequest } from "inference-testkit";
import { test } from "inference-testkit/playwright";

test.use({ workerPool: { scope: "file" } }); // one worker for the tests of Playwright's worker process

test("a prompt is answered with five tokens", async ({ worker }) => {
  const events = await collectSseEvents(await worker.execute(makeTestRequest("job-1", "Hello", 5)));

  expect(extractTokens(events)).toHaveLength(5);
});
// #endregion

test("the next test has a clean worker", async ({ worker }) => {
  expect((await worker.health()).slots.busy).toBe(0);
});
