import { formatMs } from "../numbers/index.js";
import { InvalidOptionError } from "../errors/index.js";
import { throwProblem, type EventProblem } from "./problem.js";
import type { CollectedStream } from "./outcome.js";

/** When the content of one answer arrived, in ms. */
export interface StreamingFigures {
  /** Events with content. */
  readonly contentCount: number;
  /** From sending the request to the first content. */
  readonly waitMs: number;
  /** From the first content to the last. */
  readonly spreadMs: number;
  /** How long the server says that it generated. @default the whole time, which includes the queue and the prefill */
  readonly decodeMs?: number | undefined;
  /** Just before the first content, for this long, no one could have read it. @default 0 */
  readonly unreadMs?: number | undefined;
}

/** Whether content arrived while it was generated. `unproven`: too little or too fast to tell. */
export type StreamingVerdict = "streamed" | "held-back" | "unproven";

/** Fewer may arrive in one piece. */
const LEAST_CONTENT = 8;
/** What takes less may arrive at once. */
const LEAST_GENERATION_MS = 100;
/** A pause of the reader that is shorter than this part of a generation would have shown the rest of it. */
const LEAST_SEEN = 0.8;
/** Content that was held back arrives in less than this part of the time before it, ... */
const LARGEST_SHARE = 1 / 20;
/** ... and faster than any model generates. */
const SHORTEST_ITL_MS = 1;

/** Judges the figures of one answer. */
export function judgeStreaming(figures: StreamingFigures): StreamingVerdict {
  const { contentCount, waitMs, spreadMs, unreadMs = 0 } = figures;
  const { decodeMs: generationMs = waitMs + spreadMs } = figures;
  if (contentCount < LEAST_CONTENT || generationMs < LEAST_GENERATION_MS) return "unproven";
  const isBurst = (beforeMs: number, duringMs: number): boolean =>
    duringMs <= beforeMs * LARGEST_SHARE && duringMs < SHORTEST_ITL_MS * (contentCount - 1);
  if (!isBurst(waitMs, spreadMs)) return "streamed";
  if (unreadMs === 0) return "held-back";
  // Content that no one read may have arrived evenly, but not that of a generation which took much longer.
  const [hiddenMs, { decodeMs }] = [spreadMs + unreadMs, figures];
  const isShown = decodeMs === undefined ? isBurst(waitMs - unreadMs, hiddenMs) : hiddenMs < decodeMs * LEAST_SEEN;
  return isShown ? "held-back" : "unproven";
}

/** The figures of a stream that was read. */
export function measureStreaming({
  events,
  arrivals,
  sentAtMs,
  startedAtMs,
  terminal,
  unreadMs,
}: CollectedStream): StreamingFigures {
  const times = arrivals.filter((_, index) => isContent(events[index]));
  const [first = 0] = times;
  const decodeMs = terminal?.type === "end" ? terminal.decode_time_ms : undefined;
  const spreadMs = (times.at(-1) ?? first) - first;
  return { contentCount: times.length, waitMs: first - (sentAtMs ?? startedAtMs), spreadMs, decodeMs, unreadMs };
}

/**
 * Looks for the reason why a stream does not prove that its tokens arrived while they were generated.
 *
 * @throws {INVALID_OPTION} not a collected stream: events alone have no times.
 */
export function findStreamingProblem(stream: CollectedStream): EventProblem | undefined {
  checkStream(stream);
  const figures = measureStreaming(stream);
  const verdict = judgeStreaming(figures);
  if (verdict === "streamed") return undefined;
  const code = verdict === "held-back" ? "NOT_STREAMED" : "STREAMING_UNPROVEN";
  const message = `Expected tokens to arrive while the rest is generated: ${describeStreaming(figures)}`;
  return { code, message, details: { ...figures } };
}

/** The figures as a clause. */
export function describeStreaming({
  contentCount,
  waitMs,
  spreadMs,
  decodeMs,
  unreadMs = 0,
}: StreamingFigures): string {
  if (contentCount === 0) return "the stream has no token";
  const count = contentCount === 1 ? "the only token" : `the first of ${contentCount} tokens`;
  const within = contentCount === 1 ? "" : `, and the last one ${formatMs(spreadMs)} later`;
  const reported = decodeMs === undefined ? "" : `; the server generated for ${formatMs(decodeMs)}`;
  const unread = unreadMs > 0 ? `; the test could not read in the ${formatMs(unreadMs)} before` : "";
  return `${count} arrived ${formatMs(waitMs)} after the request${within}${reported}${unread}`;
}

/**
 * Fails unless the tokens of a stream arrived over the time of their generation. A server, or a proxy in front of it, that collects the
 * answer and sends it at its end fails. So does an answer that proves nothing: fewer than 8 tokens, or all of them within 100 ms.
 *
 * @throws {NOT_STREAMED} the tokens were held back; the message has the figures.
 * @throws {STREAMING_UNPROVEN} too few tokens, generated too fast to tell, or not read while they arrived.
 * @throws {INVALID_OPTION} not a collected stream: events alone have no times.
 * @example assertStreamed(await collectStream(await worker.execute(makeTestRequest("job-1", "Hello", 64))));
 */
export function assertStreamed(stream: CollectedStream): void {
  throwProblem(findStreamingProblem(stream));
}

function isContent(event: CollectedStream["events"][number] | undefined): boolean {
  return event?.type === "token" || event?.type === "tool_call";
}

function checkStream(stream: CollectedStream): void {
  const candidate = stream as Partial<CollectedStream> | null | undefined;
  if (candidate?.events !== undefined && candidate.arrivals !== undefined) return;
  throw new InvalidOptionError({
    message: "Expected `stream` to be a collected stream, got something without arrival times",
    hint: "Read it with `collectStream()`.",
  });
}
