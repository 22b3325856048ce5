import type { ErrorEvent } from "inference-worker-protocol";
import type { EndEvent, InferenceEvent } from "../../dialects/index.js";
import { EvidenceError } from "../../errors/index.js";
import { resolveOutcome, type CollectedStream, type StreamFault } from "../../events/index.js";
import type { RecordedError, RecordedOutcome, TranscriptLine } from "../format.js";

/** The lines of one request. */
export type RequestLine = Exclude<TranscriptLine, { kind: "cut" }>;
type OutcomeLine = Extract<TranscriptLine, { kind: "outcome" }>;

/** A recorded job. */
export class RecordedJob {
  /** Number of the request, from 1, in sending order. */
  readonly request: number;
  readonly jobId: string | undefined;
  /** As it was sent, with prompts redacted if requested; `undefined` if it was not JSON. */
  readonly body: unknown;
  /** Of the answer; `undefined` if there was none. */
  readonly httpStatus: number | undefined;
  /** How it ended; `undefined` if the bundle had no room for that. */
  readonly outcome: RecordedOutcome | undefined;
  readonly #stream: CollectedStream | undefined;

  constructor(lines: readonly RequestLine[]) {
    const sent = lines.find((line) => line.kind === "request");
    const ended = lines.find((line) => line.kind === "outcome");
    this.request = lines[0]?.request ?? 0;
    this.jobId = lines[0]?.jobId;
    this.body = sent?.body?.json;
    this.httpStatus = lines.find((line) => line.kind === "response")?.status;
    this.outcome = ended?.outcome;
    this.#stream = ended === undefined ? undefined : restoreStream(lines, ended);
  }

  /** Whether {@link stream} is available. */
  get hasStream(): boolean {
    return this.#stream !== undefined;
  }

  /**
   * The stream as its reader received it: every assertion gives the same result as during the test. Times are relative to the start
   * of the recording.
   *
   * @throws {EVIDENCE_INVALID} the answer was not an event stream, or the bundle had no room for all of it.
   */
  get stream(): CollectedStream {
    if (this.#stream !== undefined) return this.#stream;
    const reason =
      this.outcome === undefined
        ? "the transcript was truncated at `maxBytes`"
        : `its answer was not an event stream (status ${this.httpStatus ?? "none"}, ${this.outcome.status})`;
    const message = `request ${this.request} (job ${this.jobId ?? "without an id"}) has no stream: ${reason}`;
    throw new EvidenceError("EVIDENCE_INVALID", { message, details: { request: this.request } });
  }
}

function restoreStream(lines: readonly RequestLine[], { outcome, stream }: OutcomeLine): CollectedStream | undefined {
  if (stream === undefined) return undefined;
  const recorded = lines.filter((line) => line.kind === "event");
  const events = recorded.map(({ event }) => event);
  const terminal = events.find(isTerminal);
  return {
    events,
    arrivals: recorded.map(({ atMs }) => atMs),
    outcome: resolveOutcome(terminal, restoreFault(outcome)),
    terminal,
    bytes: stream.bytes,
    commentCount: stream.commentCount,
    ignoredLineCount: stream.ignoredLineCount,
    unterminatedBytes: stream.unterminatedBytes,
    unterminatedText: stream.unterminatedText,
    invalidUtf8Count: stream.invalidUtf8Count ?? 0,
    bodyEnd: stream.bodyEnd ?? (outcome.status === "transport-error" ? "broken" : "closed"),
    retryMs: stream.retryMs,
    sentAtMs: stream.sentAtMs,
    startedAtMs: stream.startedAtMs,
    endedAtMs: stream.endedAtMs,
    unreadMs: stream.unreadMs,
  };
}

/** A stream with a proper end has no fault: a clean end together with its terminal event gives the outcome. */
function restoreFault(outcome: RecordedOutcome): StreamFault {
  const { status } = outcome;
  if (status === "complete" || status === "worker-error") return { status: "truncated", endedBy: "close" };
  if (status !== "transport-error") return outcome as unknown as StreamFault;
  return { ...outcome, cause: restoreError(outcome["cause"] as RecordedError | undefined) } as unknown as StreamFault;
}

function restoreError(recorded: RecordedError | undefined): Error {
  const error = new Error(recorded?.message ?? "unknown");
  return Object.assign(error, { name: recorded?.name ?? "Error", code: recorded?.code });
}

function isTerminal(event: InferenceEvent): event is EndEvent | ErrorEvent {
  return event.type === "end" || event.type === "error";
}
