import { collectSseEvents, makeTestRequest } from "inference-testkit";
import { test } from "inference-testkit/node-test";
import { SLOW } from "./workers.mjs";

const slow = test.extend({ workerOptions: SLOW });

slow("waits for a token", async ({ worker }) => {
  await collectSseEvents(await worker.execute(makeTestRequest("job-1", "Hello", 3)));
});
