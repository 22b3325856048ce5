import {
  checkInteger,
  checkKnownOptions,
  checkOption,
  checkSignal,
  TestkitError,
  withReason,
} from "../errors/index.js";
import { ProgressTracker, type ProgressCallback } from "./job-progress.js";
import type { JobOutcome } from "./job-outcome.js";
import { resolvePlans, type JobItem } from "./job-plan.js";
import { checkTarget, requireCancel, type JobTarget } from "./job-target.js";
import { Tracer } from "./cross-talk.js";
import { runJob, skipJob, type Job } from "./run-job.js";

/** Options of {@link executeAll}. */
export interface ExecuteAllOptions {
  /** Most requests under way at the same time, 1 or more. @default Infinity: all at once */
  readonly concurrency?: number | undefined;
  /**
   * Called whenever a job was sent or is over; `progressLine()` is a ready-made one. The first exception of it ends the calls, not the
   * jobs: `executeAll()` rejects with PROGRESS_FAILED when all jobs are over, and the error has their outcomes.
   */
  readonly onProgress?: ProgressCallback | undefined;
  /** Cuts the running jobs and sends no more; their outcomes are `aborted`. */
  readonly signal?: AbortSignal | undefined;
  /** Appends a random nonce to every prompt and finds texts that have another one's: for models and stubs that repeat their prompt. @default false */
  readonly nonces?: boolean | undefined;
  /** Lets jobs share an id, to test how a worker refuses that. @default false */
  readonly allowDuplicateIds?: boolean | undefined;
}

const OPTION_NAMES = [
  "concurrency",
  "onProgress",
  "signal",
  "nonces",
  "allowDuplicateIds",
] satisfies (keyof ExecuteAllOptions)[];

/** `onProgress` threw; what became of the jobs is in {@link outcomes}. */
export class ProgressFailedError extends TestkitError {
  readonly #outcomes: readonly JobOutcome[];

  constructor(cause: unknown, outcomes: readonly JobOutcome[]) {
    super("PROGRESS_FAILED", { message: withReason("`onProgress` threw", cause), cause });
    this.#outcomes = outcomes;
  }

  /** One for every request, in their order. A getter, because reporters print own properties. */
  get outcomes(): readonly JobOutcome[] {
    return this.#outcomes;
  }
}

/**
 * Runs many jobs and resolves with one outcome for each, in the order of the requests; never rejects for what a job did. There is no
 * limit on connections besides `concurrency`: 500 jobs at once are 500 open streams.
 *
 * Cross-talk is found by the job id of `started`, by a fresh `x-correlation-id` of every request, and with
 * `nonces: true` by their text.
 *
 * @param requests bodies for `POST /execute`, or plans `{ request, cancelAfter?, disconnectAfter?, timeouts?, headers? }`.
 * @throws {INVALID_OPTION} a wrong option or plan, or an id that two requests share; nothing was sent then.
 * @throws {PROGRESS_FAILED} `onProgress` threw; every job was run.
 * @example
 * const outcomes = await executeAll(worker, requests, { concurrency: 8 });
 * assertAllOk(outcomes);
 */
export async function executeAll(
  target: JobTarget,
  requests: readonly JobItem[],
  options: ExecuteAllOptions = {},
): Promise<JobOutcome[]> {
  checkTarget(target);
  const concurrency = resolveConcurrency(options);
  const { signal, nonces = false, allowDuplicateIds = false, onProgress } = options;
  const plans = resolvePlans(requests, allowDuplicateIds);
  if (plans.some(({ cancelAfter }) => cancelAfter !== undefined)) requireCancel("a job with `cancelAfter`", target);
  const tracer = new Tracer(plans, nonces);
  const progress = new ProgressTracker(plans.length, onProgress);
  // A signal of its own for each job: hundreds of listeners on one signal cause a warning.
  const ownSignal = () => (signal === undefined ? undefined : AbortSignal.any([signal]));
  const jobs = plans.map((plan, index): Job => ({ target, plan, index, tracer, signal: ownSignal() }));
  const outcomes = tracer.checkNonces(await runAll(jobs, concurrency, progress));
  if (progress.failure !== undefined) throw new ProgressFailedError(progress.failure.cause, outcomes);
  return outcomes;
}

async function runAll(jobs: readonly Job[], concurrency: number, progress: ProgressTracker): Promise<JobOutcome[]> {
  const outcomes: JobOutcome[] = [];
  const queue = jobs.values();
  const work = async (): Promise<void> => {
    // The lanes share one iterator: each job goes to the lane that is free first.
    for (const job of queue) outcomes[job.index] = await runOrSkip(job, progress);
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, jobs.length) }, work));
  return outcomes;
}

async function runOrSkip(job: Job, progress: ProgressTracker): Promise<JobOutcome> {
  const wasSent = job.signal?.aborted !== true;
  if (wasSent) progress.noteSent();
  const outcome = wasSent ? await runJob(job) : skipJob(job);
  progress.noteDone(outcome, wasSent);
  return outcome;
}

function resolveConcurrency(options: ExecuteAllOptions): number {
  checkKnownOptions("options", options, OPTION_NAMES);
  const { concurrency = Infinity, onProgress, nonces = false, allowDuplicateIds = false } = options;
  for (const [name, value] of Object.entries({ nonces, allowDuplicateIds })) {
    checkOption(typeof value === "boolean", name, { wanted: "true or false", value });
  }
  if (concurrency !== Infinity) checkInteger("concurrency", concurrency, [1, Number.MAX_SAFE_INTEGER]);
  checkSignal("signal", options.signal);
  const isCallable = onProgress === undefined || typeof onProgress === "function";
  checkOption(isCallable, "onProgress", { wanted: "a function", value: onProgress });
  return concurrency;
}
