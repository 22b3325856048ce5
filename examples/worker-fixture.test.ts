import { spawnSync } from "node:child_process";
// #region worker-fixture
import { collectSseEvents, makeTestRequest } from "inference-testkit";
import { expect, test } from "inference-testkit/vitest";

test.override("workerOptions", {
  command: "python3",
  args: ["worker.py", "--port", "{port}", "--worker-id", "{workerId}"],
  cwd: `${import.meta.dirname}/own-worker`,
  ready: { kind: "http", path: "/health" },
});

test("my worker streams the requested tokens", async ({ worker }) => {
  const events = await collectSseEvents(await worker.execute(makeTestRequest("job-1", "one two three", 3)));

  expect(events).toHaveTokenCount(3);
});
// #endregion

const hasPython = spawnSync("python3", ["--version"]).status === 0;

test.beforeEach(({ skip }) => skip(!hasPython, "python3 is not installed"));
