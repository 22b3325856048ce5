import type { ErrorEvent } from "inference-worker-protocol";
import type { EndEvent, InferenceEvent } from "../dialects/index.js";
import { describeWait, findDeadline } from "../deadline/index.js";
import { InvalidOptionError } from "../errors/index.js";
import { findAbort, toTransportFault } from "./fault.js";
import type { ResolvedStreamOptions, StreamLimitName } from "./timeouts.js";
import { resolveOutcome, type CollectedStream, type StreamFault, type StreamOutcome } from "./outcome.js";
import { ForeignJobError, type EventDecoder, type WireMessage } from "../dialects/index.js";
import { createMessageDecoder, type MessageDecoder } from "./message-decoder.js";
import { findWholeDecoder } from "./whole-answer.js";
import type { OpenedSource } from "./stream-source.js";
import { readingClock } from "./reading-clock.js";
import { Watchdog, type TimeLimit } from "./watchdog.js";

const PREVIEW_LENGTH = 200;
const INTERRUPTED = Symbol("interrupted");

/**
 * Reads one source chunk by chunk until its outcome is known. The engine behind `collectStream`, `collectSseEvents` and
 * `streamEvents`: each call to {@link read} takes one chunk, so a caller that does not read exerts back-pressure.
 */
export class EventReader {
  readonly events: InferenceEvent[] = [];
  /** One per chunk that completed events: the number of events after it, and its arrival time. */
  readonly #marks: { readonly eventCount: number; readonly arrivalMs: number }[] = [];
  readonly #source: OpenedSource;
  readonly #options: ResolvedStreamOptions;
  readonly #messages: MessageDecoder;
  readonly #decoder: EventDecoder;
  readonly #watchdog: Watchdog;
  readonly #startedAtMs = performance.now();
  readonly #onAbort = (): void => this.#interrupt(findAbort(this.#options.signal?.reason));
  readonly #onDeadline = (): void => this.#endTest();
  #wake: (() => void) | undefined;
  #outcome: StreamOutcome | undefined;
  #endedAtMs = 0;
  #bytes = 0;
  #terminal: EndEvent | ErrorEvent | undefined;
  #arrivalMs = 0;
  #contentCount = 0;
  #commentCount = 0;
  #ignoredLineCount = 0;
  #firstIgnoredLine = "";
  #wasReported = false;
  #bodyEnd: CollectedStream["bodyEnd"] = "left";
  #unreadMs: number | undefined;
  #isAwaited = true;
  #retryMs: number | undefined;

  constructor(source: OpenedSource, options: ResolvedStreamOptions) {
    this.#source = source;
    this.#options = options;
    const { dialect, jobId, request } = source;
    const decodeWhole = findWholeDecoder(source);
    this.#decoder = decodeWhole ?? dialect.createDecoder({ jobId, request });
    this.#messages = createMessageDecoder(
      decodeWhole === undefined ? dialect.capabilities.framing : "whole",
      {
        onMessage: (message) => this.#accept(message),
        onComment: () => (this.#commentCount += 1),
        onRetry: (retryMs) => (this.#retryMs = retryMs),
        onIgnoredLine: (line) => this.#noteIgnoredLine(line),
        onOverflow: (limit) => this.#exceed(limit),
      },
      options,
    );
    this.#watchdog = new Watchdog(options, source.sentAtMs ?? this.#startedAtMs, (limit) => this.#expire(limit));
    options.signal?.addEventListener("abort", this.#onAbort);
    source.deadline?.addEventListener("abort", this.#onDeadline);
    readingClock.begin();
    this.#begin();
    if (options.signal?.aborted === true) this.#onAbort();
    this.#onDeadline();
  }

  /**
   * Waits for one chunk and appends its events; returns false once the outcome is known.
   *
   * @throws {INVALID_OPTION} the source yields something other than bytes.
   */
  async read(): Promise<boolean> {
    const isOpen = this.#isOpen() && (await this.#readChunk());
    if (!isOpen) this.#report();
    return isOpen;
  }

  /** Releases the source; has no effect once the outcome is known. */
  cancel(reason: string): void {
    this.#finish({ status: "aborted", reason });
    this.#report();
  }

  /** How the stream ended; known once {@link read} has returned false. */
  get outcome(): StreamOutcome {
    if (this.#outcome === undefined) throw new Error("The stream is still being read");
    return this.#outcome;
  }

  /** Everything received; complete once {@link read} has returned false. */
  result(): CollectedStream {
    return {
      events: this.events,
      arrivals: this.#expandMarks(),
      bytes: this.#bytes,
      outcome: this.outcome,
      terminal: this.#terminal,
      commentCount: this.#commentCount,
      ignoredLineCount: this.#ignoredLineCount,
      unterminatedBytes: this.#messages.unterminatedBytes,
      unterminatedText: this.#messages.unterminatedText || this.#firstIgnoredLine,
      invalidUtf8Count: this.#messages.invalidUtf8Count,
      bodyEnd: this.#bodyEnd,
      retryMs: this.#retryMs,
      sentAtMs: this.#source.sentAtMs,
      startedAtMs: this.#startedAtMs,
      endedAtMs: this.#endedAtMs,
      unreadMs: this.#unreadMs,
    };
  }

  async #readChunk(): Promise<boolean> {
    this.#watchdog.resume(performance.now());
    const chunk = await this.#nextChunk();
    if (chunk === INTERRUPTED) return false;
    this.#arrivalMs = performance.now();
    if (chunk === undefined) this.#close();
    else this.#process(chunk);
    this.#watchdog.pause(performance.now()); // only now: decoding time is not the consumer's
    return this.#isOpen();
  }

  /** Not called as soon as the outcome is known: the chunk that decided it may not have been counted yet. */
  #report(): void {
    if (this.#wasReported) return;
    this.#wasReported = true;
    this.#source.onCollected?.(this.result());
  }

  #isOpen(): boolean {
    return this.#outcome === undefined;
  }

  #nextChunk(): Promise<Uint8Array | undefined | typeof INTERRUPTED> {
    return new Promise((resolve, reject) => {
      this.#wake = () => resolve(INTERRUPTED);
      this.#source.reader.next().then(resolve, (error: unknown) => {
        if (error instanceof InvalidOptionError) {
          this.cancel("the source does not yield bytes");
          reject(error);
        } else this.#interrupt(toTransportFault(error, this.#bytes));
      });
    });
  }

  #process(chunk: Uint8Array): void {
    const room = this.#options.decodedBytes - this.#bytes;
    const fits = chunk.byteLength <= room;
    this.#bytes += fits ? chunk.byteLength : room;
    const contentCount = this.#contentCount;
    this.#messages.feed(fits ? chunk : chunk.subarray(0, room));
    this.#mark();
    if (!fits) this.#exceed("decodedBytes");
    if (this.#contentCount > contentCount) this.#watchdog.noteToken(this.#arrivalMs);
    if (this.#contentCount > 0 && this.#unreadMs === undefined) this.#noteFirstContent();
    if (this.#terminal !== undefined) this.#watchdog.noteTerminal(this.#arrivalMs);
    const overdue = this.#watchdog.findOverdue(performance.now());
    if (overdue !== undefined) this.#expire(overdue);
  }

  /** Content that was there when reading began may have arrived at any time since the headers. */
  #noteFirstContent(): void {
    const { headersAtMs = this.#startedAtMs } = this.#source;
    this.#unreadMs = readingClock.hasReadSince(this.#startedAtMs)
      ? readingClock.blockedBefore(this.#arrivalMs)
      : this.#arrivalMs - headersAtMs;
    this.#stopClock();
  }

  #stopClock(): void {
    if (this.#isAwaited) readingClock.end();
    this.#isAwaited = false;
  }

  #begin(): void {
    this.#arrivalMs = this.#startedAtMs;
    try {
      for (const event of this.#decoder.begin?.() ?? []) this.#append(event);
      this.#mark();
    } catch (error) {
      this.#reject({ data: "" }, error);
    }
  }

  /** Records when the events since the last mark arrived. */
  #mark(): void {
    const eventCount = this.events.length;
    if (eventCount > (this.#marks.at(-1)?.eventCount ?? 0))
      this.#marks.push({ eventCount, arrivalMs: this.#arrivalMs });
  }

  #accept(message: WireMessage): void {
    if (this.#outcome !== undefined) return;
    try {
      for (const event of this.#decoder.push(message)) this.#append(event);
    } catch (error) {
      this.#reject(message, error);
      return;
    }
    if (this.#decoder.isDone) this.#finish(this.#truncate("done-marker"));
  }

  #reject({ data }: WireMessage, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const foreign = error instanceof ForeignJobError ? { foreignJobId: error.foreignJobId } : {};
    const index = this.events.length;
    this.#finish({ status: "invalid-event", index, reason, data: data.slice(0, PREVIEW_LENGTH), ...foreign });
  }

  #append(event: InferenceEvent): void {
    if (this.events.length >= this.#options.eventCount) {
      this.#exceed("eventCount");
      return;
    }
    this.events.push(event);
    if (event.type === "token" || event.type === "tool_call") this.#contentCount += 1;
    else if (event.type === "end" || event.type === "error") this.#terminal ??= event;
  }

  #expandMarks(): number[] {
    const arrivals = new Array<number>(this.#marks.at(-1)?.eventCount ?? 0);
    let from = 0;
    for (const { eventCount, arrivalMs } of this.#marks) {
      arrivals.fill(arrivalMs, from, eventCount);
      from = eventCount;
    }
    return arrivals;
  }

  #noteIgnoredLine(line: string): void {
    if (this.#ignoredLineCount === 0) this.#firstIgnoredLine = line;
    this.#ignoredLineCount += 1;
  }

  #expire(limit: TimeLimit): void {
    if (limit !== "graceMs") {
      this.#interrupt({ status: "limit-exceeded", limit, value: this.#options[limit] });
      return;
    }
    // A stream still open after the grace period counts as cleanly ended. A grace of 0 does not wait, so it shows nothing.
    if (this.#isOpen() && this.#options.graceMs > 0) this.#bodyEnd = "left-open";
    this.#interrupt({ status: "truncated", endedBy: "close" });
  }

  /** The limit of the test is about to pass. */
  #endTest(): void {
    const reached = findDeadline(this.#source.deadline);
    if (reached === undefined || !this.#isOpen()) return;
    const isFirst = this.#contentCount === 0;
    const sinceMs = isFirst ? (this.#source.sentAtMs ?? this.#startedAtMs) : (this.#marks.at(-1)?.arrivalMs ?? 0);
    const waitingFor =
      this.#terminal === undefined ? `the ${isFirst ? "first" : "next"} token` : "the end of the stream";
    this.#interrupt({ status: "aborted", reason: describeWait(reached, { waitingFor, sinceMs }), isTestTimeout: true });
  }

  #exceed(limit: StreamLimitName): void {
    this.#finish({ status: "limit-exceeded", limit, value: this.#options[limit] });
  }

  #close(): void {
    this.#messages.end();
    if (!this.#isOpen()) return;
    this.#bodyEnd = "closed";
    const fault = this.#truncate("close");
    this.#mark();
    this.#finish(fault, false);
  }

  /** The fault for an end without a terminal event, with what the dialect found missing. */
  #truncate(endedBy: "close" | "done-marker"): StreamFault {
    const reason = this.#endDecoder();
    return { status: "truncated", endedBy, ...(reason === undefined ? {} : { reason }) };
  }

  /** Returns what the dialect found missing at the end, if anything. */
  #endDecoder(): string | undefined {
    try {
      const rest = this.#decoder.end?.() ?? [];
      if ("problem" in rest) return rest.problem;
      for (const event of rest) this.#append(event);
    } catch (error) {
      this.#reject({ data: "" }, error);
    }
    return undefined;
  }

  #interrupt(fault: StreamFault): void {
    this.#finish(fault);
    this.#wake?.();
  }

  #finish(fault: StreamFault, release = true): void {
    if (this.#outcome !== undefined) return;
    if (fault.status === "transport-error") this.#bodyEnd = "broken";
    this.#outcome = resolveOutcome(this.#terminal, fault);
    this.#endedAtMs = performance.now();
    this.#watchdog.stop();
    this.#stopClock();
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#source.deadline?.removeEventListener("abort", this.#onDeadline);
    if (release) this.#source.reader.abort(new Error("Reading the event stream has ended"));
  }
}
