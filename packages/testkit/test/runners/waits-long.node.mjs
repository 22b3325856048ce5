import { collectSseEvents, makeTestRequest } from "inference-testkit";
import { test } from "inference-testkit/node-test";

const slow = test.extend({ workerOptions: { stub: { timing: { ttftMs: 60_000 } } } });

slow("waits for a token", async ({ worker }) => {
  await collectSseEvents(await worker.execute(makeTestRequest("job-1", "Hello", 3)));
});
