import { makeTestRequest } from "inference-testkit";
import { test } from "inference-testkit/vitest";
import { note } from "../pool-runs/note.mjs";

test("holds the worker of the run until its process is killed", async ({ worker }) => {
  const { pid } = await worker.health();
  await worker.execute(makeTestRequest("job-1", "Hello", 3));
  note("a", process.pid, pid);
  await new Promise(() => setInterval(() => undefined, 1_000));
});
