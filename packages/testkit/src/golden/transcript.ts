import type { ExecuteBody } from "../dialects/index.js";
import { AssertionFailedError } from "../errors/index.js";
import { extractText, type CollectedStream } from "../events/index.js";

/** What the output of a worker depends on, besides the request: server, version, model, device. */
export type WorkerKey = Readonly<Record<string, string>>;

/** What a worker answered. */
export interface Answer {
  readonly text: string;
  /** The text of each token; absent if the events of the stream are not its tokens. */
  readonly tokens?: readonly string[] | undefined;
  readonly stopReason: string;
}

/** An answer, and what it depends on. */
export interface Transcript extends Answer {
  readonly worker: WorkerKey;
  /** The request, without its job id. */
  readonly request: Readonly<Record<string, unknown>>;
}

/** @throws {COMPLETION_FAILED} the stream did not end with `end`. */
export function toAnswer(stream: CollectedStream): Answer {
  const { outcome, events } = stream;
  if (outcome.status !== "complete") {
    const message = `Expected a complete answer to compare with a golden transcript, got one that ended as ${outcome.status}`;
    throw new AssertionFailedError("COMPLETION_FAILED", { message });
  }
  const { tokens_out: count, tokens_out_estimated: isEstimated, stop_reason: stopReason } = outcome.terminal;
  const tokens = events.flatMap((event) => (event.type === "token" ? [event.t] : []));
  const areTokens = isEstimated !== true && tokens.length === count;
  return { text: extractText(stream), ...(areTokens ? { tokens } : {}), stopReason };
}

/** The request as it is kept: the job id is another one each time. */
export function toRequestKey(request: ExecuteBody): Transcript["request"] {
  const { job_id: _jobId, ...kept } = request as Readonly<Record<string, unknown>>;
  return kept;
}
