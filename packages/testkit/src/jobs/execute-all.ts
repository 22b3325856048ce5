import { TestkitError, withReason } from "../errors/index.js";
import {
  abortSignal,
  callback,
  defineOptions,
  flag,
  integer,
  resolveOptions,
  withDefault,
  type OptionsOf,
} from "../options/index.js";
import { Tracer } from "./cross-talk.js";
import type { JobOutcome } from "./job-outcome.js";
import { resolvePlans, type JobItem } from "./job-plan.js";
import { ProgressTracker, type ProgressCallback } from "./job-progress.js";
import { checkRequest, checkTarget, type JobTarget } from "./job-target.js";
import { runJob, skipJob, type Job } from "./run-job.js";

export const EXECUTE_ALL_OPTIONS = defineOptions({
  /** Maximum number of requests in flight, 1 or more. @default Infinity: all at once */
  concurrency: withDefault(integer([1, Infinity]), Infinity),
  /**
   * Called when a job is sent and when it ends; `progressLine()` is a built-in one. If it throws, it is not called again, but the jobs
   * continue: `executeAll()` rejects with PROGRESS_FAILED when all jobs have ended, and the error has their outcomes.
   */
  onProgress: callback<ProgressCallback>(),
  /** Cuts the running jobs and sends no more; all of these get the outcome `aborted`. */
  signal: abortSignal(),
  /**
   * Appends a random nonce to every prompt and finds texts that contain another request's nonce. For models and stubs that repeat their
   * prompt. @default false
   */
  nonces: withDefault(flag(), false),
  /**
   * Gives a job whose tokens were held back and sent at once the outcome `not-streamed`. A job with fewer than 8 tokens, or less than 100 ms
   * of generation, shows nothing and stays `ok`; see `assertStreamed()`. @default false
   */
  requireStreaming: withDefault(flag(), false),
  /** Allows jobs to share an id, to test how a worker rejects that. @default false */
  allowDuplicateIds: withDefault(flag(), false),
});

/** Options of {@link executeAll}. */
export interface ExecuteAllOptions extends OptionsOf<typeof EXECUTE_ALL_OPTIONS> {}

/** `onProgress` threw; the results of the jobs are in {@link outcomes}. */
export class ProgressFailedError extends TestkitError {
  readonly #outcomes: readonly JobOutcome[];

  constructor(cause: unknown, outcomes: readonly JobOutcome[]) {
    super("PROGRESS_FAILED", { message: withReason("`onProgress` threw", cause), cause });
    this.#outcomes = outcomes;
  }

  /** One for each request, in order. A getter, because reporters print own properties. */
  get outcomes(): readonly JobOutcome[] {
    return this.#outcomes;
  }
}

/**
 * Runs many jobs and resolves with one outcome for each, in the order of the requests; never rejects because of a job. Connections are
 * limited only by `concurrency`: 500 jobs at once are 500 open streams.
 *
 * Cross-talk is detected by the job id of `started`, by a fresh `x-correlation-id` for every request, and with `nonces: true` by the
 * text.
 *
 * @param requests requests, or plans `{ request, cancelAfter?, disconnectAfter?, timeouts?, headers? }`.
 * @throws {INVALID_OPTION} an invalid option or plan, two requests with the same id, or a field that the dialect cannot carry. Nothing was
 * sent.
 * @throws {PROGRESS_FAILED} `onProgress` threw; every job was still run.
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
  const resolved = resolveOptions(EXECUTE_ALL_OPTIONS, options);
  const { concurrency, signal, nonces, allowDuplicateIds, onProgress, requireStreaming } = resolved;
  const plans = resolvePlans(requests, allowDuplicateIds);
  for (const { request } of plans) checkRequest(request, target);
  const tracer = new Tracer(plans, nonces);
  const progress = new ProgressTracker(plans.length, onProgress);
  // A signal of its own for each job: hundreds of listeners on one signal cause a warning.
  const ownSignal = () => (signal === undefined ? undefined : AbortSignal.any([signal]));
  const jobs = plans.map((plan, index): Job => {
    return { target, plan, index, tracer, signal: ownSignal(), requireStreaming };
  });
  const outcomes = tracer.checkNonces(await runAll(jobs, concurrency, progress));
  if (progress.failure !== undefined) throw new ProgressFailedError(progress.failure.cause, outcomes);
  return outcomes;
}

async function runAll(jobs: readonly Job[], concurrency: number, progress: ProgressTracker): Promise<JobOutcome[]> {
  const outcomes: JobOutcome[] = [];
  const queue = jobs.values();
  const work = async (): Promise<void> => {
    // The lanes share one iterator: each job goes to the first free lane.
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
