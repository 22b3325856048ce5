import type { ExecuteRequest } from "inference-worker-protocol";
import type { InferenceEvent } from "../../dialects/index.js";
import { assertSuccessfulCompletion, extractEndEvent, extractText, streamEvents } from "../../events/index.js";
import type { WorkerTestHarness } from "../../harness/index.js";
import type { JobReport } from "./engine-report.js";

/** A request with an explicit `max_tokens`. */
export type DemoRequest = ExecuteRequest & { readonly max_tokens: number };

/** A job that was streamed to its end. */
export interface StreamedJob {
  readonly events: readonly InferenceEvent[];
  readonly sentAtMs: number;
  /** When each token event arrived, on the clock of `performance.now()`. */
  readonly tokenAtMs: readonly number[];
}

/** Runs a job and hands out every token as it arrives. */
export async function streamJob(
  worker: WorkerTestHarness,
  request: ExecuteRequest,
  onToken: (text: string) => void,
): Promise<StreamedJob> {
  const events: InferenceEvent[] = [];
  const tokenAtMs: number[] = [];
  const sentAtMs = performance.now();
  for await (const event of streamEvents(await worker.execute(request))) {
    events.push(event);
    if (event.type !== "token") continue;
    tokenAtMs.push(performance.now());
    onToken(event.t);
  }
  return { events, sentAtMs, tokenAtMs };
}

/** @throws {ORDER_VIOLATED} {COMPLETION_FAILED} the job did not succeed and so has no figures. */
export function createJobReport(request: DemoRequest, job: StreamedJob): JobReport {
  assertSuccessfulCompletion(job.events);
  const { tokens_out: tokensOut, stop_reason: stopReason } = extractEndEvent(job.events);
  const [firstMs, lastMs] = [job.tokenAtMs[0], job.tokenAtMs.at(-1)];
  const spanMs = (lastMs ?? 0) - (firstMs ?? 0);
  return {
    prompt: request.prompt,
    maxTokens: request.max_tokens,
    temperature: request.temperature,
    seed: request.seed ?? undefined,
    text: extractText(job.events),
    tokenEventCount: job.tokenAtMs.length,
    tokensOut,
    stopReason,
    firstTokenMs: firstMs === undefined ? undefined : firstMs - job.sentAtMs,
    tokensPerSecond: tokensOut < 2 || spanMs === 0 ? undefined : (tokensOut - 1) / (spanMs / 1000),
  };
}
