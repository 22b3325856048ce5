import { parseJson } from "inference-worker-protocol";
import type { CollectedStream } from "../../events/index.js";
import type { RecordedBody, RecordedOutcome, RecordedStreamFacts, TranscriptLine } from "../format.js";
import type { Exchange } from "../record/exchange.js";
import type { SettledExchange } from "../record/settle-exchange.js";
import type { Redactor } from "./redactor.js";

type Line = Exclude<TranscriptLine, { kind: "cut" }>;

/** How the lines are made. */
export interface TranscriptStyle {
  readonly redactor: Redactor;
  /** Ms from the start of the recording, to the microsecond. */
  readonly toMs: (clockMs: number) => number;
}

/** The lines of all requests, in order of arrival. */
export function createTranscript(settled: readonly SettledExchange[], style: TranscriptStyle): Line[] {
  const lines: Line[] = [];
  for (const each of settled) for (const line of listLines(each, style)) lines.push(line);
  // The sort is stable: lines with the same time keep their order.
  return lines.sort((first, second) => first.atMs - second.atMs);
}

/** Not an array: spreading a hundred thousand lines overflows the stack. */
function* listLines(settled: SettledExchange, style: TranscriptStyle): Generator<Line, void> {
  const { exchange, stream } = settled;
  yield* listHead(exchange, style);
  if (stream !== undefined) yield* listStream(settled, stream, style);
  else if (!exchange.isCut) yield* listAnswer(exchange, style);
}

function factsOf({ number, request }: Exchange) {
  return { request: number, jobId: request.jobId };
}

function listHead(exchange: Exchange, { redactor, toMs }: TranscriptStyle): Line[] {
  const { request, head, collected } = exchange;
  const sentAtMs = collected?.sentAtMs ?? exchange.sentAtMs;
  const facts = factsOf(exchange);
  const { method, isJob } = request;
  const headers = redactor.headers(request.headers);
  const body = request.body === undefined ? undefined : redactor.request(toBody(request.body));
  const path = redactor.path(request.path);
  const sent: Line = { kind: "request", ...facts, atMs: toMs(sentAtMs), isJob, method, path, headers, body };
  if (head === undefined) return [sent];
  const { status, atMs } = head;
  return [sent, { kind: "response", ...facts, atMs: toMs(atMs), status, headers: redactor.headers(head.headers) }];
}

function* listStream(
  { exchange, raw }: SettledExchange,
  stream: CollectedStream,
  { redactor, toMs }: TranscriptStyle,
): Generator<Line, void> {
  const facts = factsOf(exchange);
  const { events, arrivals, endedAtMs } = stream;
  for (const [index, event] of events.entries()) {
    const atMs = toMs(arrivals[index] ?? endedAtMs);
    yield { kind: "event", ...facts, atMs, event: redactor.event(event) };
  }
  const isForeign = exchange.request.dialect.capabilities.hasPlainEvents !== true;
  for (const { bytes, atMs } of raw) {
    const shown = redactor.bytes(bytes);
    const body = isForeign ? toReadable(shown) : shown;
    yield { kind: "bytes", ...facts, atMs: toMs(Math.min(atMs, endedAtMs)), ...body };
  }
  const [outcome, shown] = [redactor.outcome(stream), describeStream(stream, { redactor, toMs })];
  yield { kind: "outcome", ...facts, atMs: toMs(endedAtMs), outcome, stream: shown };
}

function describeStream(stream: CollectedStream, { redactor, toMs }: TranscriptStyle): RecordedStreamFacts {
  const { bytes, commentCount, ignoredLineCount, unterminatedBytes, unterminatedText } = stream;
  const { invalidUtf8Count, bodyEnd, retryMs } = stream;
  return {
    bytes,
    commentCount,
    ignoredLineCount,
    unterminatedBytes,
    unterminatedText: unterminatedText === "" ? "" : redactor.freeText(unterminatedText),
    invalidUtf8Count,
    bodyEnd,
    retryMs,
    sentAtMs: stream.sentAtMs === undefined ? undefined : toMs(stream.sentAtMs),
    startedAtMs: toMs(stream.startedAtMs),
    endedAtMs: toMs(stream.endedAtMs),
    unreadMs: stream.unreadMs,
  };
}

function listAnswer(exchange: Exchange, style: TranscriptStyle): Line[] {
  const { end, failure, slices, head, sentAtMs } = exchange;
  const { redactor, toMs } = style;
  const facts = factsOf(exchange);
  const lines: Line[] = [];
  const bytes = Buffer.concat(slices.map((slice) => slice.bytes));
  const lastMs = slices.at(-1)?.atMs ?? head?.atMs ?? sentAtMs;
  if (slices.length > 0) lines.push({ kind: "body", ...facts, atMs: toMs(lastMs), ...redactor.answer(toBody(bytes)) });
  const atMs = toMs(Math.max(lastMs, end?.atMs ?? failure?.atMs ?? lastMs));
  lines.push({ kind: "outcome", ...facts, atMs, outcome: describeAnswer(exchange, redactor) });
  return lines;
}

function describeAnswer({ end, failure, slices }: Exchange, redactor: Redactor): RecordedOutcome {
  if (failure !== undefined) return { status: "no-answer", error: redactor.error(failure.error) };
  if (end?.how.kind === "broken") return { status: "broken", error: redactor.error(end.how.error) };
  return { status: end === undefined && slices.length === 0 ? "unread" : "answered" };
}

/** As JSON if that is lossless, as text if it is UTF-8, else in base64. */
function toBody(body: string | Uint8Array): RecordedBody {
  const bytes = Buffer.from(body as Uint8Array);
  const text = bytes.toString("utf8");
  if (!Buffer.from(text).equals(bytes)) return { base64: bytes.toString("base64") };
  try {
    return { json: parseJson(text) };
  } catch {
    return { text };
  }
}

/** As text if it is UTF-8; else as it is. */
function toReadable(body: RecordedBody): RecordedBody {
  if (body.base64 === undefined) return body;
  const bytes = Buffer.from(body.base64, "base64");
  const text = bytes.toString("utf8");
  return Buffer.from(text).equals(bytes) ? { text } : body;
}
