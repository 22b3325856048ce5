import type { CollectedStream } from "../../events/index.js";
import type { RecordedSeed, RecordedTimings } from "../format.js";
import type { SettledExchange } from "../record/settle-exchange.js";

/** The seeds that the jobs reported; none for a job that never started. */
export function listSeeds(settled: readonly SettledExchange[]): RecordedSeed[] {
  return settled.flatMap(({ exchange, stream }) => {
    const started = stream?.events.find((event) => event.type === "started");
    if (started?.seed === undefined) return [];
    const { number: request, request: sent } = exchange;
    return [{ request, jobId: sent.jobId, reported: started.seed }];
  });
}

/** The timings of every job whose answer was an event stream. */
export function listTimings(settled: readonly SettledExchange[], toMs: (clockMs: number) => number): RecordedTimings[] {
  return settled.flatMap((each) => (each.stream === undefined ? [] : [timeStream(each, each.stream, toMs)]));
}

function timeStream(
  { exchange }: SettledExchange,
  stream: CollectedStream,
  toMs: (clockMs: number) => number,
): RecordedTimings {
  const { head, number: request, request: sent } = exchange;
  const sentAtMs = stream.sentAtMs ?? exchange.sentAtMs;
  const contentAtMs = stream.arrivals.filter((_, index) => stream.events[index]?.type === "token");
  const itlMs = contentAtMs.slice(1).map((atMs, index) => round(atMs - (contentAtMs[index] ?? atMs)));
  const { terminal } = stream;
  const end = terminal?.type === "end" ? terminal : undefined;
  const isEstimated = end === undefined || end.tokens_out_estimated === true;
  const tokenCount = end?.tokens_out ?? contentAtMs.length;
  const [firstMs, lastMs] = [contentAtMs[0], contentAtMs.at(-1)];
  const since = (clockMs: number | undefined) => (clockMs === undefined ? undefined : round(clockMs - sentAtMs));
  return {
    request,
    jobId: sent.jobId,
    sentAtMs: toMs(sentAtMs),
    headersMs: since(head?.atMs),
    ttftMs: since(firstMs),
    e2eMs: since(lastMs),
    tpotMs:
      firstMs === undefined || lastMs === undefined || tokenCount < 2
        ? undefined
        : round((lastMs - firstMs) / (tokenCount - 1)),
    tokenCount,
    isEstimated,
    itlMs,
    longestStallMs: itlMs.length === 0 ? undefined : itlMs.reduce((longest, ms) => Math.max(longest, ms)),
    closedMs: round(stream.endedAtMs - sentAtMs),
  };
}

/** To the microsecond. */
export function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
