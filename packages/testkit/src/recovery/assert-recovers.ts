import type { ExecuteRequest } from "inference-worker-protocol";
import {
  checkFilledText,
  checkKnownOptions,
  checkOption,
  checkPositive,
  NotRecoveredError,
  withReason,
} from "../errors/index.js";
import { resolveStreamTimeouts, type StreamTimeouts } from "../events/index.js";
import { makeTestRequest } from "../fixtures/index.js";
import type { WorkerTestHarness } from "../harness/index.js";
import type { WorkerFaultSpec } from "../faults/index.js";
import type { JobOutcome } from "../jobs/index.js";
import { provokeFault, type Provoked } from "./provoke-fault.js";
import { sendUntilOk } from "./send-until-ok.js";

/** Options of {@link assertRecovers}. */
export interface RecoveryOptions {
  /** Longest time from the fault to the end of the first job that succeeds, in ms. */
  readonly withinMs: number;
  /** The request: sent unchanged to provoke the fault, then with a fresh id each time. @default 32 tokens */
  readonly request?: ExecuteRequest | undefined;
  /** What an operator would do about the fault, such as `() => worker.restart()`. @default nothing: the worker recovers by itself */
  readonly recover?: (() => unknown) | undefined;
  /** Limits of every stream, so that a fault that hangs is noticed. @default those of the worker */
  readonly timeouts?: StreamTimeouts | undefined;
}

/** How a worker recovered. */
export interface Recovery {
  /** From the fault to the end of the first job that succeeded, in ms. */
  readonly recoveredAfterMs: number;
  /** Jobs that were sent after the fault, the one that succeeded included. */
  readonly attempts: number;
  /** The outcome of the job that provoked the fault; `undefined` if a function broke something. */
  readonly faultOutcome: JobOutcome | undefined;
}

/**
 * Breaks a worker and checks that it serves again in time. A fault is armed, provoked by a job, seen to have happened, and disarmed;
 * a function is called. Then `recover` is called, and normal jobs are sent until one is ok.
 *
 * @param fault as for `worker.faults.arm()`, or a function that breaks something; the time counts from its call.
 * @throws {FAULT_NEVER_FIRED} the fault did not happen: nothing was tested.
 * @throws {NOT_RECOVERED} no job was ok in time, or the worker ended and nothing starts it again; with the last failure.
 * @throws {INVALID_OPTION}
 * @example
 * const { recoveredAfterMs } = await assertRecovers(worker, { id: "kill", at: { afterTokens: 3 } }, {
 *   withinMs: 10_000,
 *   recover: () => worker.restart(),
 * });
 */
export async function assertRecovers(
  worker: WorkerTestHarness,
  fault: WorkerFaultSpec | (() => unknown),
  options: RecoveryOptions,
): Promise<Recovery> {
  checkOption(typeof (worker as Partial<WorkerTestHarness> | undefined)?.restart === "function", "worker", {
    wanted: "a harness (a fault of a FaultProxy is armed by a function in place of the fault)",
    value: worker,
  });
  checkRecoveryOptions(options);
  const { withinMs, timeouts, request = makeTestRequest("recovery", "Are you there?", 32), recover } = options;
  const plan = { request, timeouts, withinMs };
  const provoked = typeof fault === "function" ? await breakWith(fault) : await provokeFault(worker, fault, plan);
  await callRecover(recover, provoked);
  const { attempts, okAtMs } = await sendUntilOk(worker, { ...plan, provoked, recovers: recover !== undefined });
  return { recoveredAfterMs: okAtMs - provoked.atMs, attempts, faultOutcome: provoked.outcome };
}

async function breakWith(fault: () => unknown): Promise<Provoked> {
  const atMs = performance.now();
  await fault();
  return { what: "what the function did", atMs, outcome: undefined };
}

async function callRecover(recover: (() => unknown) | undefined, { what }: Provoked): Promise<void> {
  try {
    await recover?.();
  } catch (cause) {
    throw new NotRecoveredError({ message: withReason(`\`recover\` failed after ${what}`, cause), cause });
  }
}

function checkRecoveryOptions(options: RecoveryOptions): void {
  const known = ["withinMs", "request", "recover", "timeouts"] satisfies (keyof RecoveryOptions)[];
  checkKnownOptions("options", options, known);
  const { withinMs, recover, timeouts, request } = options;
  checkPositive("withinMs", withinMs);
  const fits = recover === undefined || typeof recover === "function";
  checkOption(fits, "recover", { wanted: "a function", value: recover });
  if (request !== undefined) checkFilledText("request.job_id", (request as Partial<ExecuteRequest> | null)?.job_id);
  resolveStreamTimeouts(timeouts);
}
