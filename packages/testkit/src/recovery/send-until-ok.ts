import { setTimeout as pause } from "node:timers/promises";
import { NotRecoveredError, firstLine } from "../errors/index.js";
import type { WorkerTestHarness } from "../harness/index.js";
import type { JobOutcome } from "../jobs/index.js";
import type { ProvokePlan, Provoked } from "./provoke-fault.js";

interface SendPlan extends ProvokePlan {
  readonly provoked: Provoked;
  /** Whether `recover` was called. */
  readonly recovers: boolean;
}

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 100;

/**
 * Sends jobs one at a time until one is ok.
 *
 * @throws {NOT_RECOVERED} the time since the fault is up, or the worker has ended.
 */
export async function sendUntilOk(
  worker: WorkerTestHarness,
  plan: SendPlan,
): Promise<{ attempts: number; okAtMs: number }> {
  const deadlineMs = plan.provoked.atMs + plan.withinMs;
  let last: JobOutcome | undefined;
  for (let attempts = 1; ; attempts += 1) {
    const leftMs = deadlineMs - performance.now();
    if (leftMs <= 0 || hasEnded(worker) || isTestOver(worker))
      throw createNotRecovered(worker, plan, { attempts: attempts - 1, last });
    const outcome = await sendOne(worker, plan, { attempts, leftMs });
    if (outcome?.status === "ok") return { attempts, okAtMs: outcome.timings.closedAtMs };
    // A job that was aborted because the time is up is less informative than the failure before it.
    if (outcome?.status !== "aborted" || last === undefined) last = outcome;
    await pause(Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 1), LONGEST_PAUSE_MS));
  }
}

async function sendOne(
  worker: WorkerTestHarness,
  { request, timeouts }: SendPlan,
  { attempts, leftMs }: { attempts: number; leftMs: number },
): Promise<JobOutcome | undefined> {
  const item = { request: { ...request, job_id: `${request.job_id}-again-${attempts}` }, timeouts };
  const late = new AbortController();
  const timer = setTimeout(() => late.abort("the time to recover is up"), leftMs);
  try {
    const [outcome] = await worker.executeAll([item], { signal: late.signal });
    return outcome;
  } finally {
    clearTimeout(timer);
  }
}

/** No further job can be sent before the runner ends the test. */
function isTestOver(worker: WorkerTestHarness): boolean {
  return worker.internals.test.deadline?.aborted === true;
}

/** Nothing restarts it. */
function hasEnded(worker: WorkerTestHarness): boolean {
  return worker.exitInfo !== undefined;
}

function createNotRecovered(
  worker: WorkerTestHarness,
  { provoked, withinMs, recovers }: SendPlan,
  { attempts, last }: { attempts: number; last: JobOutcome | undefined },
): NotRecoveredError {
  const ended = hasEnded(worker);
  const how = ended ? "the worker ended and was not started again" : `no job was ok within ${withinMs} ms`;
  const failure =
    last === undefined || last.status === "ok"
      ? ""
      : `; the last failure of ${attempts}: ${last.status}, ${firstLine(last.message)}`;
  return new NotRecoveredError({
    message: `after ${provoked.what}, ${how}${failure}`,
    hint: ended && !recovers ? "Pass a function that restarts it: `recover: () => worker.restart()`." : undefined,
    details: { withinMs, attempts, exit: worker.exitInfo, faultOutcome: provoked.outcome?.status },
    logTail: worker.pid === undefined ? [] : worker.logs.tail(),
  });
}
