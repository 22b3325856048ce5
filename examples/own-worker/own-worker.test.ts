import { spawnSync } from "node:child_process";
import { runConformance } from "inference-testkit/conformance";
import { beforeEach, expect } from "vitest";
// #region own-worker
import { test } from "vitest";
import {
  assertSuccessfulCompletion,
  assertTokenCount,
  collectSseEvents,
  makeTestRequest,
  WorkerTestHarness,
} from "inference-testkit";

test("my worker streams the requested tokens", async () => {
  await using worker = await WorkerTestHarness.launch({
    command: "python3",
    args: ["worker.py", "--port", "{port}", "--worker-id", "{workerId}"],
    cwd: import.meta.dirname,
    ready: { kind: "http", path: "/health" },
  });

  const events = await collectSseEvents(await worker.execute(makeTestRequest("job-1", "one two three", 3)));

  assertSuccessfulCompletion(events);
  assertTokenCount(events, 3);
});
// #endregion

test("my worker passes the smoke checks", { timeout: 120_000 }, async () => {
  const start = () =>
    WorkerTestHarness.launch({
      command: "python3",
      args: ["worker.py", "--port", "{port}", "--worker-id", "{workerId}"],
      cwd: import.meta.dirname,
      ready: { kind: "http", path: "/health" },
    });

  const report = await runConformance(start, { level: "smoke" });

  const failed = report.checks.filter(({ status }) => status === "fail");
  expect(failed.map(({ id, message }) => `${id}: ${message}`)).toEqual([]);
  expect(report.status).toBe("pass");
});

const hasPython = spawnSync("python3", ["--version"]).status === 0;

beforeEach((context) => context.skip(!hasPython, "python3 is not installed"));
