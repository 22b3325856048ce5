import { describeContentType, isStreamContentType } from "../../dialects/index.js";
import { watchStream, type CollectedStream, type StreamResponse } from "../../events/index.js";
import { isDecoded, isDescribed, type Exchange } from "./exchange.js";
import type { Slice } from "./mask-slices.js";

/** A request that is finished. */
export interface SettledExchange {
  readonly exchange: Exchange;
  /** Set if the answer was an event stream. */
  readonly stream?: CollectedStream | undefined;
  /** The parts of a stream that its events do not fully describe. */
  readonly raw: readonly Slice[];
}

/** Decoding received bytes needs no time-outs: everything is already there. */
const NO_LIMITS = {
  firstTokenMs: Infinity,
  tokenIdleMs: Infinity,
  transportIdleMs: Infinity,
  totalMs: Infinity,
  eventBytes: Infinity,
  decodedBytes: Infinity,
  eventCount: Infinity,
  eventIdBytes: Infinity,
  eventNameBytes: Infinity,
  graceMs: Infinity,
};

/** Determines how a request ended: the result of its reader or, if it was not read as events, what its bytes contain. */
export async function settleExchange(exchange: Exchange, nowMs: number): Promise<SettledExchange> {
  const { collected, isCut } = exchange;
  if (isCut || (collected === undefined && !isEventStream(exchange))) return { exchange, raw: [] };
  if (collected !== undefined && isDecoded(collected)) {
    return { exchange, stream: collected, raw: isDescribed(exchange, collected) ? [] : exchange.slices };
  }
  const decoded = await decode(exchange, nowMs);
  const stream = collected ?? decoded.stream;
  const isForeign = exchange.request.dialect.capabilities.hasPlainEvents !== true;
  const from = isForeign || stream.ignoredLineCount > 0 ? 0 : decoded.lastUseful;
  return { exchange, stream, raw: isDescribed(exchange, stream) ? [] : exchange.slices.slice(from) };
}

function isEventStream({ head, request }: Exchange): boolean {
  const { isJob, dialect } = request;
  if (!isJob && dialect.capabilities.framing !== "sse") return false; // any answer may be JSON
  return head?.status === 200 && isStreamContentType(dialect, head.headers["content-type"]);
}

async function decode(exchange: Exchange, nowMs: number) {
  const { slices, end, head, sentAtMs, request } = exchange;
  const arrivals: number[] = [];
  let current = 0;
  let lastUseful = 0;
  const left = new AbortController();
  const body = replayBody(exchange, { onSlice: (index) => (current = index), leave: (reason) => left.abort(reason) });
  const source: StreamResponse = {
    kind: "inference-stream-response",
    status: 200,
    headers: { "content-type": describeContentType(request.dialect) },
    body,
    url: request.path,
    dialect: request.dialect,
    jobId: request.jobId,
    request: request.request,
    abort: () => undefined,
  };
  const stream = await watchStream(source, { ...NO_LIMITS, signal: left.signal }, (events) => {
    lastUseful = current;
    while (arrivals.length < events.length) arrivals.push(slices[current]?.atMs ?? nowMs);
  });
  const times = { sentAtMs, startedAtMs: head?.atMs ?? sentAtMs, endedAtMs: end?.atMs ?? nowMs };
  return { stream: { ...stream, ...times, arrivals }, lastUseful };
}

async function* replayBody(
  { slices, end, collected }: Exchange,
  { onSlice, leave }: { onSlice: (index: number) => void; leave: (reason: Error) => void },
): AsyncGenerator<Uint8Array, void> {
  await Promise.resolve();
  for (const [index, { bytes }] of slices.entries()) {
    onSlice(index);
    yield bytes;
  }
  if (end?.how.kind === "broken") throw end.how.error;
  if (end?.how.kind === "ended" || collected !== undefined) return;
  leave(new Error(describeReader(end === undefined, slices.length)));
}

function describeReader(isOpen: boolean, sliceCount: number): string {
  if (!isOpen) return "its reader left before the end";
  return sliceCount === 0 ? "it was not read" : "it was being read when the worker was stopped";
}
