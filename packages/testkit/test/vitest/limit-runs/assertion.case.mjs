import { collectSseEvents, makeTestRequest } from "inference-testkit";
import { expect, test } from "inference-testkit/vitest";

test("an assertion that knows nothing of the worker", async ({ worker }) => {
  await collectSseEvents(await worker.execute(makeTestRequest("job-1", "Hello", 3)));
  expect(1).toBe(2);
});
