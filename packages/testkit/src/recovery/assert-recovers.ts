import type { ExecuteRequest } from "inference-worker-protocol";
import { NotRecoveredError, withReason } from "../errors/index.js";
import { streamTimeouts } from "../events/index.js";
import { makeTestRequest } from "../requests/index.js";
import type { WorkerTestHarness } from "../harness/index.js";
import type { WorkerFaultSpec } from "../faults/index.js";
import type { JobOutcome } from "../jobs/index.js";
import {
  callback,
  checkedBy,
  checkOption,
  defineOptions,
  durationMs,
  required,
  resolveOptions,
  text,
  withDefault,
  type OptionsOf,
} from "../options/index.js";
import { provokeFault, type Provoked } from "./provoke-fault.js";
import { sendUntilOk } from "./send-until-ok.js";

const RECOVERY_OPTIONS = defineOptions({
  /** Maximum time from the fault to the end of the first successful job, in ms. */
  withinMs: required(durationMs()),
  /** The request: sent unchanged to provoke the fault, then with a fresh id each time. @default 32 tokens */
  request: withDefault(
    checkedBy((name, request: ExecuteRequest) => {
      text({ filled: true }).read(`${name}.job_id`, (request as Partial<ExecuteRequest> | null)?.job_id);
      return request;
    }),
    makeTestRequest("recovery", "Are you there?", 32),
  ),
  /** The operator's reaction to the fault, such as `() => worker.restart()`. @default nothing: the worker recovers by itself */
  recover: callback<() => unknown>(),
  /** Time-outs for every stream, so that a hang is detected. @default those of the worker */
  timeouts: streamTimeouts(),
});

/** Options of {@link assertRecovers}. */
export interface RecoveryOptions extends OptionsOf<typeof RECOVERY_OPTIONS> {}

/** How a worker recovered. */
export interface Recovery {
  /** From the fault to the end of the first successful job, in ms. */
  readonly recoveredAfterMs: number;
  /** Number of jobs sent after the fault, including the successful one. */
  readonly attempts: number;
  /** The outcome of the job that provoked the fault; `undefined` if a function caused the fault. */
  readonly faultOutcome: JobOutcome | undefined;
}

/**
 * Breaks a worker and checks that it serves again in time. A fault is armed, provoked by a job, verified to have fired, and
 * disarmed; a function is simply called. Then `recover` is called, and normal jobs are sent until one is ok.
 *
 * @param fault as for `worker.faults.arm()`, or a function that breaks something; the time then starts with its call.
 * @throws {FAULT_NEVER_FIRED} the fault did not happen: nothing was tested.
 * @throws {NOT_RECOVERED} no job was ok in time, or the worker ended and nothing restarts it; the message has the last failure.
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
  const { withinMs, timeouts, request, recover } = resolveOptions(RECOVERY_OPTIONS, options);
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
