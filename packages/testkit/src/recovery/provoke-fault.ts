import type { ExecuteRequest } from "inference-worker-protocol";
import type { StreamTimeouts } from "../events/index.js";
import type { WorkerTestHarness } from "../harness/index.js";
import { createNeverFired, faultSessionOf, type WorkerFaultSpec } from "../faults/index.js";
import type { JobOutcome } from "../jobs/index.js";

/** A fault that has happened. */
export interface Provoked {
  /** A description for messages. */
  readonly what: string;
  /** On the clock of `performance.now()`. */
  readonly atMs: number;
  readonly outcome: JobOutcome | undefined;
}

/** How a fault is provoked. */
export interface ProvokePlan {
  readonly request: ExecuteRequest;
  readonly timeouts: StreamTimeouts | undefined;
  /** The job is aborted this time after the fault. */
  readonly withinMs: number;
}

/**
 * Arms a fault, sends a job to provoke it, and disarms it again.
 *
 * @throws {FAULT_NEVER_FIRED} it did not happen. @throws {INVALID_OPTION}
 */
export async function provokeFault(
  worker: WorkerTestHarness,
  fault: WorkerFaultSpec,
  plan: ProvokePlan,
): Promise<Provoked> {
  const session = faultSessionOf(worker.faults);
  const keys = await session.arm([fault]);
  const key = keys.join(); // one
  const startedAtMs = performance.now();
  const outcome = await runUntilBroken(worker, key, plan);
  const account = await session.accountOf(key);
  if (account !== undefined && account.fired === 0) {
    session.excuse(key);
    throw createNeverFired([account], "the worker");
  }
  await session.disarm(keys);
  return { what: `\`${fault.id}\``, atMs: session.firedAtMs(key) ?? startedAtMs, outcome };
}

/** A job that hangs because of the fault is aborted when the time is up. */
async function runUntilBroken(
  worker: WorkerTestHarness,
  key: string,
  plan: ProvokePlan,
): Promise<JobOutcome | undefined> {
  const { request, timeouts, withinMs } = plan;
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const session = faultSessionOf(worker.faults);
  const off = session.onFired(() => {
    if (session.firedAtMs(key) === undefined) return;
    timer ??= setTimeout(() => late.abort(`it had not ended ${withinMs} ms after the fault`), withinMs);
  });
  try {
    const [outcome] = await worker.executeAll([{ request, timeouts }], { signal: late.signal });
    return outcome;
  } finally {
    off();
    clearTimeout(timer);
  }
}
