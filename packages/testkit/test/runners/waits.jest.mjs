import { expect, jest } from "@jest/globals";
import { collectSseEvents, makeTestRequest } from "inference-testkit";
import { test } from "inference-testkit/jest";

jest.setTimeout(3_000);
const slow = test.extend({ workerOptions: { stub: { timing: { ttftMs: 60_000 } } } });
const request = makeTestRequest("job-1", "Hello", 3);

slow("waits for a token", async ({ worker }) => {
  await collectSseEvents(await worker.execute(request));
});

slow(
  "waits for a token, with a limit of its own",
  async ({ worker }) => {
    await collectSseEvents(await worker.execute(request));
  },
  2_500,
);

test("waits for something else", () => new Promise(() => undefined));

test("fails an assertion", async ({ worker }) => {
  await collectSseEvents(await worker.execute(request));
  expect(1).toBe(2);
});
