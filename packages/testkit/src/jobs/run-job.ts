import type { ExecuteBody, ExecuteResponse } from "../client/index.js";
import {
  collectStream,
  describeStreaming,
  judgeStreaming,
  measureStreaming,
  type CollectedStream,
  type StreamTimeouts,
} from "../events/index.js";
import { plural } from "../numbers/index.js";
import { DEFAULT_CANCEL_TIMEOUT_MS } from "./cancel-after.js";
import { judgeCancel } from "./cancel-result.js";
import { watchDisconnect } from "./disconnect-after.js";
import { judgeError, judgeRefusal, timeAnswer } from "./judge-answer.js";
import { judgeStream, timeStream } from "./judge-stream.js";
import { jobIdOf, type JobPlan } from "./job-plan.js";
import type { JobIdentity, JobOutcome } from "./job-outcome.js";
import type { JobTarget } from "./job-target.js";
import { Tracer } from "./cross-talk.js";
import { watchCancel } from "./watch-cancel.js";

/** One job of many. */
export interface Job {
  readonly target: JobTarget;
  readonly plan: JobPlan;
  readonly index: number;
  readonly tracer: Tracer;
  readonly signal: AbortSignal | undefined;
  /** Whether tokens that were held back are a failure. */
  readonly requireStreaming?: boolean;
}

/** Runs one job to its outcome; never rejects. */
export async function runJob(job: Job): Promise<JobOutcome> {
  const { plan, index, tracer, signal } = job;
  const { correlationId, request, headers } = tracer.mark(index, plan);
  const sentAtMs = performance.now();
  const facts = { index, jobId: jobIdOf(plan.request), correlationId };
  try {
    const { timeouts, disconnectAfter } = plan;
    const dedicatedConnection = disconnectAfter !== undefined;
    const response = await job.target.execute(request, { timeouts, headers, signal, dedicatedConnection });
    const outcome = await readAnswer(job, response, facts);
    return tracer.checkHeader(job.requireStreaming === true ? checkStreaming(outcome) : outcome, response);
  } catch (error) {
    return judgeError({ ...facts, timings: { sentAtMs, closedAtMs: performance.now() } }, error);
  }
}

/** Runs single jobs to their outcomes like `executeAll()`, but the caller decides when to send each one. */
type JobRunner = (request: ExecuteBody, index: number) => Promise<JobOutcome>;

/**
 * Creates a runner whose jobs share cross-talk detection.
 *
 * @param options.signal cuts the running jobs; their outcomes are `aborted`.
 */
export function createJobRunner(
  target: JobTarget,
  { timeouts, signal }: { readonly timeouts: StreamTimeouts | undefined; readonly signal: AbortSignal | undefined },
): JobRunner {
  const plans: JobPlan[] = [];
  const tracer = new Tracer(plans, false);
  return (request, index) => {
    const plan = { request, timeouts };
    plans[index] = plan;
    return runJob({ target, plan, index, tracer, signal });
  };
}

/** The outcome of a job that was not sent. */
export function skipJob({ plan, index }: Pick<Job, "plan" | "index">): JobOutcome {
  const timings = { closedAtMs: performance.now() };
  const message = "it was not sent: the signal fired before its turn";
  return { status: "aborted", index, jobId: jobIdOf(plan.request), correlationId: undefined, timings, message };
}

/** An answer that shows nothing is not accused. */
function checkStreaming(outcome: JobOutcome): JobOutcome {
  if (outcome.status !== "ok") return outcome;
  const { stream, end, timings, index, jobId, correlationId, cancel } = outcome;
  const figures = measureStreaming(stream);
  if (judgeStreaming(figures) !== "held-back") return outcome;
  const message = `its tokens were held back and sent at once: ${describeStreaming(figures)}`;
  return { status: "not-streamed", index, jobId, correlationId, timings, cancel, stream, end, message };
}

async function readAnswer(job: Job, response: ExecuteResponse, facts: JobIdentity): Promise<JobOutcome> {
  if (!response.ok) return judgeRefusal(facts, response);
  const { plan, signal, target } = job;
  const asked = { request: plan.request, dialect: target.dialect };
  const time = (stream: CollectedStream) => timeStream(stream, timeAnswer(response));
  if (plan.cancelAfter !== undefined) {
    const timeoutMs = DEFAULT_CANCEL_TIMEOUT_MS;
    const run = await watchCancel(response, { trigger: plan.cancelAfter, timeoutMs, timeouts: undefined, signal });
    const cancel = judgeCancel(run);
    const timed = { ...facts, timings: time(run.stream), cancel };
    if (cancel.status !== "cancelled" || cancel.by === "request") return judgeStream(timed, run.stream, asked);
    const message = `the connection was closed after ${plural(cancel.tokensBefore, "token")} to cancel the job`;
    return { ...timed, status: "cancelled", stream: run.stream, message };
  }
  if (plan.disconnectAfter !== undefined) {
    const { stream, result } = await watchDisconnect(response, plan.disconnectAfter, signal);
    const timed = { ...facts, timings: time(stream) };
    if (result === undefined) return judgeStream(timed, stream, asked);
    const message = `the connection was cut after ${plural(result.tokens.length, "token")}, as planned`;
    return { ...timed, status: "aborted", stream, disconnect: result, message };
  }
  const stream = await collectStream(response, { signal });
  return judgeStream({ ...facts, timings: time(stream) }, stream, asked);
}
