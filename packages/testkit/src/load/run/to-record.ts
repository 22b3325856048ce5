import type { CollectedStream } from "../../events/index.js";
import type { JobOutcome } from "../../jobs/index.js";
import { round } from "../metrics/distribution.js";
import type { RequestRecord } from "../metrics/request-record.js";

const MESSAGE_LENGTH = 200;

/** What is known of a request before it is sent. */
export interface PlannedRequest {
  readonly index: number;
  readonly stage: number;
  readonly client: number;
  /** The number of the request in its conversation, from 0. */
  readonly turn?: number | undefined;
  /** On the clock of `performance.now()`. */
  readonly schedAtMs: number;
}

/** When the content arrived: events with non-empty text, and tool calls, on the clock of `performance.now()`. */
export function contentArrivals({ events, arrivals }: CollectedStream): number[] {
  const times: number[] = [];
  for (const [index, event] of events.entries()) {
    const atMs = arrivals[index];
    const isContent = (event.type === "token" && event.t !== "") || event.type === "tool_call";
    if (isContent && atMs !== undefined) times.push(atMs);
  }
  return times;
}

/** Keeps the parts of an outcome that the metrics need; the stream with its events is released. @param startAtMs start of the phase. */
export function toRecord(outcome: JobOutcome, planned: PlannedRequest, startAtMs: number): RequestRecord {
  const { timings, stream, status } = outcome;
  const times = stream === undefined ? [] : contentArrivals(stream);
  const relative = (atMs: number | undefined) => (atMs === undefined ? null : round(atMs - startAtMs));
  const terminal = stream?.terminal;
  return {
    index: planned.index,
    jobId: outcome.jobId ?? null,
    status,
    stage: planned.stage,
    client: planned.client,
    schedMs: round(planned.schedAtMs - startAtMs),
    handOverMs: round((timings.sentAtMs ?? timings.closedAtMs) - startAtMs),
    sendMs: round((timings.writtenAtMs ?? timings.sentAtMs ?? timings.closedAtMs) - startAtMs),
    headersMs: relative(timings.headersAtMs),
    firstMs: relative(times[0]),
    lastMs: relative(times.at(-1)),
    terminalMs: relative(timings.terminalAtMs),
    closeMs: round(timings.closedAtMs - startAtMs),
    tokensOut: terminal?.type === "end" && terminal.tokens_out_estimated !== true ? terminal.tokens_out : null,
    contentEventCount: times.length,
    longestStallMs: findLongestGap(times),
    ...(planned.turn !== undefined && { turn: planned.turn }),
    ...(terminal?.type === "end" && terminal.decode_time_ms !== undefined && { decodeMs: terminal.decode_time_ms }),
    ...describeFailure(outcome),
  };
}

function findLongestGap(times: readonly number[]): number | null {
  let longest: number | null = null;
  for (let index = 1; index < times.length; index += 1) {
    longest = Math.max(longest ?? 0, (times[index] ?? 0) - (times[index - 1] ?? 0));
  }
  return longest === null ? null : round(longest);
}

function describeFailure(outcome: JobOutcome): Pick<RequestRecord, "httpStatus" | "code" | "message"> {
  if (outcome.status === "ok") return {};
  const message = outcome.message.slice(0, MESSAGE_LENGTH);
  switch (outcome.status) {
    case "http-error":
      return { httpStatus: outcome.httpStatus, ...(outcome.code !== undefined && { code: outcome.code }), message };
    case "worker-error":
      return { code: outcome.code, message };
    case "limit-exceeded":
      return { code: outcome.limit, message };
    case "not-as-requested":
      return { code: outcome.fields.join(", "), message };
    default:
      return { message };
  }
}
