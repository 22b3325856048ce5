import type { EndEvent, ExecuteBody, InferenceEvent } from "../dialects/index.js";
import type { CollectedStream } from "../events/index.js";
import { formatMs, plural } from "../numbers/index.js";
import { findStops, findTokenLimit } from "./judge-request.js";

/** Fewer may begin with each other by chance: "a", "ab". */
const LEAST_CUMULATIVE = 8;
/** Two clocks, and a process that waits for the CPU. */
const CLOCK_TOLERANCE_MS = 1_000;

/** Tokens that each begin with the whole text before them. */
export function findCumulativeText(events: readonly InferenceEvent[]): string | undefined {
  let [before, count] = ["", 0];
  for (const event of events) {
    if (event.type !== "token" || event.channel === "reasoning") continue;
    if (event.t.length <= before.length || !event.t.startsWith(before)) return undefined; // nearly always the second token
    before = event.t;
    count += 1;
  }
  if (count < LEAST_CUMULATIVE) return undefined;
  return `each of ${count} tokens begins with the whole token before it; the last one has ${plural(before.length, "character")}`;
}

/** A stop reason that cannot be true. @param tokenCount the tokens that arrived, or that the worker says it generated, if those are more */
export function findWrongReason(request: ExecuteBody, end: EndEvent, tokenCount: number): string | undefined {
  const { stop_reason: reason, stop_sequence_matched: matched } = end;
  const limit = findTokenLimit(request);
  if (reason === "max_tokens" && limit !== undefined && tokenCount < limit) {
    return `\`stop_reason\` is max_tokens, but the answer has ${plural(tokenCount, "token")} and \`max_tokens\` is ${limit}`;
  }
  const stops = findStops(request);
  if (reason !== "stop_sequence" || stops === undefined) return undefined;
  if (stops.length === 0) return "`stop_reason` is stop_sequence, but the request has no `stop`";
  if (typeof matched !== "string" || stops.includes(matched)) return undefined;
  return `\`stop_sequence_matched\` is ${JSON.stringify(matched)}, which is not in \`stop\``;
}

/** A time of generation that is longer than the job, from its request to its last event. */
export function findImpossibleTime(stream: CollectedStream, end: EndEvent): string | undefined {
  const { sentAtMs, events, arrivals } = stream;
  const endedAtMs = arrivals[events.indexOf(end)];
  if (sentAtMs === undefined || endedAtMs === undefined || end.decode_time_ms === undefined) return undefined;
  const tookMs = endedAtMs - sentAtMs;
  if (end.decode_time_ms <= tookMs + CLOCK_TOLERANCE_MS) return undefined;
  return `\`decode_time_ms\` is ${end.decode_time_ms}, but the job took ${formatMs(tookMs)} in all`;
}
