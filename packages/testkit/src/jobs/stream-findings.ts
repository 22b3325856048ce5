import type { Dialect, ExecuteBody } from "../dialects/index.js";
import { extractText, type CollectedStream } from "../events/index.js";
import type { FindingCode, SeenFinding } from "../findings/index.js";
import { plural } from "../numbers/index.js";
import { findCumulativeText, findImpossibleTime, findWrongReason } from "./judge-end.js";
import { findExcess, findOtherSeed, findPassedStop, findTokenLimit } from "./judge-request.js";

/** A stream that was read, and the request that it answers. */
export interface ReadStream {
  readonly jobId: string | undefined;
  /** Undefined for a request that was sent as it is. */
  readonly request: ExecuteBody | undefined;
  readonly dialect: Dialect;
  readonly stream: CollectedStream;
  /** The test cut the connection itself, so its end says nothing about the worker. */
  readonly isCut: boolean;
}

/** A worker that closes the stream at once may still be slow; one that needs this long leaves it open. */
const LEFT_OPEN_MS = 500;

/** Each returns what the stream shows to be wrong, if anything. */
const RULES: Readonly<Partial<Record<FindingCode, (read: ReadStream) => string | undefined>>> = {
  SEED_MISMATCH: ({ request, stream }) => request && findOtherSeed({ request, stream }),
  INVALID_UTF8: describeInvalidUtf8,
  TOKENS_OUT_TOO_LOW: describeLowCount,
  MAX_TOKENS_EXCEEDED: describeExcess,
  TEXT_AFTER_STOP: describePassedStop,
  CUMULATIVE_TEXT: ({ stream }) => findCumulativeText(stream.events),
  STOP_REASON_WRONG: describeWrongReason,
  DECODE_TIME_TOO_LONG: describeImpossibleTime,
  STREAM_LEFT_OPEN: describeLeftOpen,
  RESET_AFTER_END: describeReset,
  EOS_AT_MAX_TOKENS: describeEosAtLimit,
};

/** What a stream shows to be wrong, whether or not its reader checks it. */
export function findStreamFindings(read: ReadStream): readonly SeenFinding[] {
  const job = read.jobId === undefined ? {} : { jobId: read.jobId };
  const found = Object.entries(RULES).map(([code, find]) => ({ code: code as FindingCode, message: find(read) }));
  return found.flatMap(({ code, message }) => (message === undefined ? [] : [{ code, message, ...job }]));
}

function describeInvalidUtf8({ stream: { invalidUtf8Count: count, bytes } }: ReadStream): string | undefined {
  if (count === 0) return undefined;
  return `${plural(count, "byte sequence")} in the ${bytes} bytes of the stream ${count === 1 ? "is" : "are"} not UTF-8`;
}

function describeLowCount({ stream }: ReadStream): string | undefined {
  const end = findEnd(stream);
  const tokenCount = countTokens(stream);
  if (end === undefined || tokenCount <= end.tokens_out) return undefined;
  return `${tokenCount} token events arrived, but \`tokens_out\` is ${end.tokens_out}`;
}

/** Other dialects may send a token in parts, so only their own count shows an excess. */
function describeExcess({ request, dialect, stream }: ReadStream): string | undefined {
  const limit = request && findTokenLimit(request);
  if (request === undefined || limit === undefined) return undefined;
  const tokenCount = dialect.capabilities.hasPlainEvents === true ? countTokens(stream) : 0;
  if (tokenCount > limit) return `\`max_tokens\` is ${limit}, but ${tokenCount} token events arrived`;
  const end = findEnd(stream);
  return end && findExcess({ request, end });
}

function describePassedStop({ request, dialect, stream }: ReadStream): string | undefined {
  if (request?.stop === undefined || stream.outcome.status !== "complete") return undefined; // nearly always
  return findPassedStop({ request, dialect, stream, text: extractText(stream) });
}

/** Other dialects have servers that are stopped by their template, or at the end of the context. */
function describeWrongReason({ request, dialect, stream }: ReadStream): string | undefined {
  const end = findEnd(stream);
  if (request === undefined || end === undefined || dialect.capabilities.hasPlainEvents !== true) return undefined;
  return findWrongReason(request, end, Math.max(countTokens(stream), end.tokens_out));
}

/** Other dialects have mock servers with constant figures. */
function describeImpossibleTime({ dialect, stream }: ReadStream): string | undefined {
  const end = findEnd(stream);
  if (end === undefined || dialect.capabilities.hasPlainEvents !== true) return undefined;
  return findImpossibleTime(stream, end);
}

function describeLeftOpen({ stream, isCut }: ReadStream): string | undefined {
  const { bodyEnd, endedAtMs, terminal, events, arrivals } = stream;
  if (bodyEnd !== "left-open" || isCut || terminal === undefined) return undefined;
  const openMs = endedAtMs - (arrivals[events.indexOf(terminal)] ?? endedAtMs);
  if (openMs < LEFT_OPEN_MS) return undefined;
  return `the stream was still open ${openMs.toFixed()} ms after its \`${terminal.type}\` event`;
}

function describeReset({ stream: { bodyEnd, terminal }, isCut }: ReadStream): string | undefined {
  if (bodyEnd !== "broken" || isCut || terminal === undefined) return undefined;
  return `the connection broke after the \`${terminal.type}\` event, before the end of the body`;
}

function describeEosAtLimit({ request, stream }: ReadStream): string | undefined {
  const end = findEnd(stream);
  const limit = request && findTokenLimit(request);
  if (end?.stop_reason !== "eos" || end.tokens_out_estimated === true || end.tokens_out !== limit) return undefined;
  return `\`stop_reason\` is eos, and \`tokens_out\` is exactly \`max_tokens\` (${limit})`;
}

function findEnd({ terminal }: CollectedStream) {
  return terminal?.type === "end" ? terminal : undefined;
}

function countTokens({ events }: CollectedStream): number {
  let count = 0;
  for (const { type } of events) if (type === "token") count += 1;
  return count;
}
