import { collectSseEvents, makeTestRequest, waitForIdle } from "inference-testkit";
import { test } from "inference-testkit/vitest";
import { join } from "node:path";
import { describe } from "vitest";

const request = makeTestRequest("job-1", "Hello", 20);
const WORKERS = join(import.meta.dirname, "../../workers");

describe("a slow worker", () => {
  test.override("workerOptions", { stub: { timing: { ttftMs: 60_000 } } });

  test("first token", async ({ worker }) => {
    await collectSseEvents(await worker.execute(request));
  });

  test("idle", async ({ worker }) => {
    await worker.execute(request);
    await waitForIdle(worker);
  });

  test("exit", async ({ worker }) => {
    await worker.waitForExit();
  });
});

describe("a stalling worker", () => {
  test.override("workerOptions", { stub: { timing: { itlMs: 60_000 } } });

  test("next token", async ({ worker }) => {
    await collectSseEvents(await worker.execute(request));
  });
});

describe("a stopped worker", () => {
  test("headers", async ({ worker }) => {
    worker.pause();
    await worker.execute(request);
  });

  test("all jobs", async ({ worker }) => {
    worker.pause();
    const [outcome] = await worker.executeAll([request]);
    throw new Error(`${outcome.status}: ${outcome.message}`);
  });
});

describe("a program that is never ready", () => {
  test.override("workerOptions", {
    command: process.execPath,
    args: [join(WORKERS, "never-ready-ignores-sigterm.mjs"), "{port}"],
    ready: { kind: "http", path: "/health" },
  });

  test("ready", ({ worker }) => worker);
});
