import assert from "node:assert/strict";
import { join } from "node:path";
import { collectSseEvents, makeTestRequest } from "inference-testkit";
import { test } from "inference-testkit/node-test";

const slow = test.extend({ workerOptions: { stub: { timing: { ttftMs: 60_000 } } } });
const request = makeTestRequest("job-1", "Hello", 3);

slow("waits for a token", { timeout: 9_000 }, async ({ worker }) => {
  await collectSseEvents(await worker.execute(request));
});

slow("waits for a token, with a limit of its own", { timeout: 8_500 }, async ({ worker }) => {
  await collectSseEvents(await worker.execute(request));
});

const stubborn = test.extend({
  workerOptions: {
    command: process.execPath,
    args: [join(import.meta.dirname, "../workers/ignores-sigterm.mjs")],
    ready: { kind: "log", pattern: /listening on port (?<port>\d+)/ },
    dialect: "orcd",
    checkIdentity: false,
    stopGraceMs: 9_000, // longer than what is left of the test's limit
    allow: ["SIGTERM_IGNORED"],
  },
});

stubborn("waits for something else", { timeout: 9_000 }, () => new Promise(() => undefined));

test("fails an assertion", async ({ worker }) => {
  await collectSseEvents(await worker.execute(request));
  assert.equal(1, 2);
});
