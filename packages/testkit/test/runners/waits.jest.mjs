import { expect, jest } from "@jest/globals";
import { collectSseEvents, makeTestRequest } from "inference-testkit";
import { test } from "inference-testkit/jest";
import { SLOW, STUBBORN } from "./workers.mjs";

jest.setTimeout(9_000);
const slow = test.extend({ workerOptions: SLOW });
const request = makeTestRequest("job-1", "Hello", 3);

slow("waits for a token", async ({ worker }) => {
  await collectSseEvents(await worker.execute(request));
});

slow(
  "waits for a token, with a limit of its own",
  async ({ worker }) => {
    await collectSseEvents(await worker.execute(request));
  },
  8_500,
);

const stubborn = test.extend({ workerOptions: STUBBORN });

stubborn("waits for something else", () => new Promise(() => undefined));

test("fails an assertion", async ({ worker }) => {
  await collectSseEvents(await worker.execute(request));
  expect(1).toBe(2);
});
