import { expect, test } from "vitest";
import type { JobOutcome } from "../../src/jobs/job-outcome.js";
import { ProgressTracker, type JobProgress } from "../../src/jobs/job-progress.js";

const outcome = (status: JobOutcome["status"]) => ({ status }) as JobOutcome;

test("counts sent, running and finished jobs, and reports after every change", () => {
  const seen: JobProgress[] = [];
  const tracker = new ProgressTracker(3, (progress) => seen.push(progress));

  tracker.noteSent();
  tracker.noteSent();
  tracker.noteDone(outcome("ok"), true);
  tracker.noteDone(outcome("ok"), true);
  tracker.noteDone(outcome("aborted"), false);

  expect(seen).toEqual([
    { total: 3, sent: 1, running: 1, done: 0, byStatus: {} },
    { total: 3, sent: 2, running: 2, done: 0, byStatus: {} },
    { total: 3, sent: 2, running: 1, done: 1, byStatus: { ok: 1 } },
    { total: 3, sent: 2, running: 0, done: 2, byStatus: { ok: 2 } },
    { total: 3, sent: 2, running: 0, done: 3, byStatus: { ok: 2, aborted: 1 } },
  ]);
  expect(tracker.failure).toBeUndefined();
});

test("a callback that throws is not called again, and its error is kept", () => {
  let callCount = 0;
  const tracker = new ProgressTracker(2, () => {
    callCount += 1;
    throw new Error(`call ${callCount}`);
  });

  tracker.noteSent();
  tracker.noteDone(outcome("ok"), true);

  expect(callCount).toBe(1);
  expect(tracker.failure).toEqual({ cause: new Error("call 1") });
});

test("works without a callback", () => {
  const tracker = new ProgressTracker(1, undefined);

  tracker.noteSent();

  expect(tracker.failure).toBeUndefined();
});
