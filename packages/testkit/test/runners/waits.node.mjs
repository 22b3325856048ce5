import assert from "node:assert/strict";
import { collectSseEvents, makeTestRequest } from "inference-testkit";
import { test } from "inference-testkit/node-test";

const slow = test.extend({ workerOptions: { stub: { timing: { ttftMs: 60_000 } } } });
const request = makeTestRequest("job-1", "Hello", 3);

slow("waits for a token", { timeout: 3_000 }, async ({ worker }) => {
  await collectSseEvents(await worker.execute(request));
});

slow("waits for a token, with a limit of its own", { timeout: 2_500 }, async ({ worker }) => {
  await collectSseEvents(await worker.execute(request));
});

test("waits for something else", { timeout: 3_000 }, () => new Promise(() => undefined));

test("fails an assertion", async ({ worker }) => {
  await collectSseEvents(await worker.execute(request));
  assert.equal(1, 2);
});
