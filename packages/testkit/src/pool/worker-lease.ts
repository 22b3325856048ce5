import type { WorkerTestHarness } from "../harness/index.js";
import type { PooledWorker } from "./pooled-worker.js";

/** What became of a worker after a test. */
export interface ReleaseReport {
  /** `kept`: the next test may have it. */
  readonly status: "kept" | "replaced";
  /** Why it was replaced. */
  readonly reason?: string;
}

/** A worker that belongs to one test until it is released. */
export interface WorkerLease extends AsyncDisposable {
  readonly worker: WorkerTestHarness;
  /** Whether another test had it before. */
  readonly isReused: boolean;
  /**
   * Returns the worker to the pool. Idempotent. A worker that is not kept is stopped; that is waited for only if the test left something to
   * judge: an ended process, faults, a recording.
   *
   * @throws what `stop()` throws then, such as `FAULT_NEVER_FIRED` or `PROCESS_DIED`. @throws {EVIDENCE_FAILED}
   */
  readonly release: () => Promise<ReleaseReport>;
}

interface LeaseParts {
  readonly pooled: PooledWorker;
  /** The deadline of the test. */
  readonly signal: AbortSignal | undefined;
  readonly release: () => Promise<ReleaseReport>;
}

/** Lends a worker. */
export function createLease({ pooled, signal, release }: LeaseParts): WorkerLease {
  const { worker, testCount } = pooled;
  const { test } = worker.internals;
  test.deadline = signal;
  let released: Promise<ReleaseReport> | undefined;
  const releaseOnce = (): Promise<ReleaseReport> => {
    if (released === undefined) test.deadline = undefined; // the proof and the stop have time-outs of their own
    released ??= release();
    return released;
  };
  return {
    worker,
    isReused: testCount > 1,
    release: releaseOnce,
    async [Symbol.asyncDispose]() {
      await releaseOnce();
    },
  };
}
