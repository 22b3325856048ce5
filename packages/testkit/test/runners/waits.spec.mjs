import { expect } from "@playwright/test";
import { collectSseEvents, makeTestRequest } from "inference-testkit";
import { test } from "inference-testkit/playwright";

test.setTimeout(9_000);
const request = makeTestRequest("job-1", "Hello", 3);

test.describe("a slow worker", () => {
  test.use({ workerOptions: { stub: { timing: { ttftMs: 60_000 } } } });

  test("waits for a token", async ({ worker }) => {
    await collectSseEvents(await worker.execute(request));
  });

  test("waits for a token, with a limit of its own", async ({ worker }) => {
    test.setTimeout(8_500);
    await collectSseEvents(await worker.execute(request));
  });
});

test("fails an assertion", async ({ worker }) => {
  await collectSseEvents(await worker.execute(request));
  expect(1).toBe(2);
});
