import { collectSseEvents, makeTestRequest } from "inference-testkit";
import { expect, test } from "inference-testkit/vitest";
import { note } from "./note.mjs";

for (let index = 0; index < 10; index += 1) {
  test(`uses the worker of the run ${index}`, async ({ worker }) => {
    note("run", process.pid, worker.baseUrl);
    expect(await collectSseEvents(await worker.execute(makeTestRequest("job-1", "Hello", 3)))).toHaveTokenCount(3);
    await worker.logs.waitFor("execute_end");
  });
}
