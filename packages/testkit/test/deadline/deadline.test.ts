import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { rejectionOf } from "../../../../tests/support/conditions.js";
import { Deadline, findTestTimeout, type TestLimit } from "../../src/deadline/index.js";
import { collectSseEvents } from "../../src/events/index.js";
import { WorkerTestHarness } from "../../src/harness/index.js";
import { waitForIdle } from "../../src/jobs/index.js";
import { makeTestRequest } from "../../src/requests/index.js";

const RUNNER = "a runner";

/** A deadline of a test that starts now; it ends with this test. */
function startDeadline(read: (startedAtMs: number) => TestLimit | undefined): Deadline {
  const startedAtMs = performance.now();
  const deadline = new Deadline(() => read(startedAtMs));
  onTestFinished(() => deadline.end());
  return deadline;
}

const limitOf = (limitMs: number) => (startedAtMs: number) => ({ runner: RUNNER, limitMs, startedAtMs });

test("it fires before the limit passes, and not earlier than a tenth of it before", async () => {
  const startedAtMs = performance.now();
  const { signal } = startDeadline(limitOf(500));
  await once(signal, "abort");

  expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(449);
  expect((signal.reason as Error).message).toBe("the limit of the test, 500 ms (a runner), was about to pass");
});

test("a clock that is not running, a limit of 0 and the end of the test keep it from firing", async () => {
  const stopped = startDeadline(() => undefined);
  const endless = startDeadline(limitOf(0));
  const over = startDeadline(limitOf(100));
  over.end();
  await once(startDeadline(limitOf(400)).signal, "abort");

  expect([stopped, endless, over].map(({ signal }) => signal.aborted)).toEqual([false, false, false]);
});

test("a limit that is lowered during the test counts", async () => {
  let limitMs = 60_000;
  const { signal } = startDeadline((startedAtMs) => ({ runner: RUNNER, limitMs, startedAtMs }));
  limitMs = 100;
  await once(signal, "abort");

  expect((signal.reason as Error).message).toContain("100 ms");
});

test.each<[what: string, wait: (worker: WorkerTestHarness) => Promise<unknown>]>([
  ["the first token", async (worker) => collectSseEvents(await worker.execute(makeTestRequest("job-2", "Hello", 3)))],
  ["the worker to be idle: 1 busy, 0 queued", (worker) => waitForIdle(worker)],
  ["the end of the worker process", (worker) => worker.waitForExit()],
])("a wait for %s ends with TEST_TIMEOUT, the limit and the log", async (what, wait) => {
  await using worker = await WorkerTestHarness.startMock({ parallel: 2, stub: { timing: { ttftMs: 60_000 } } });
  const hanging = await worker.execute(makeTestRequest("job-1", "Hello", 3));
  worker.internals.test.deadline = startDeadline(limitOf(1_000)).signal;
  const error = await rejectionOf(wait(worker));
  worker.internals.test.deadline = undefined;
  hanging.abort();

  expect(error).toMatchObject({ code: "TEST_TIMEOUT" });
  expect(error.message).toContain("he limit of the test, 1000 ms (a runner), was about to pass after ");
  expect(error.message).toContain(` ms of waiting for ${what}`);
  expect(error.message).toContain('"event":"startup"');
});

test("a signal that fires for another reason is no deadline", () => {
  expect(findTestTimeout(AbortSignal.abort(new Error("x")), { waitingFor: "x", sinceMs: 0 })).toBeUndefined();
});
