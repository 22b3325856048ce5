import assert from "node:assert/strict";
import { collectSseEvents, makeTestRequest } from "inference-testkit";
import { test } from "inference-testkit/node-test";
import { SLOW, STUBBORN } from "./workers.mjs";

const slow = test.extend({ workerOptions: SLOW });
const request = makeTestRequest("job-1", "Hello", 3);

slow("waits for a token", { timeout: 9_000 }, async ({ worker }) => {
  await collectSseEvents(await worker.execute(request));
});

slow("waits for a token, with a limit of its own", { timeout: 8_500 }, async ({ worker }) => {
  await collectSseEvents(await worker.execute(request));
});

const stubborn = test.extend({ workerOptions: STUBBORN });

stubborn("waits for something else", { timeout: 9_000 }, () => new Promise(() => undefined));

test("fails an assertion", async ({ worker }) => {
  await collectSseEvents(await worker.execute(request));
  assert.equal(1, 2);
});
