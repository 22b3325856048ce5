import type { ErrorEvent, TokenEvent } from "inference-worker-protocol";
import type { EndEvent, InferenceEvent } from "../../dialects/index.js";
import { describeOutcome, type CollectedStream, type StreamOutcome } from "../../events/index.js";
import type { ExecuteResponse } from "../../client/index.js";
import type { Exchange, Slice } from "../../evidence/index.js";

/** What an answer is made of, besides its stream. */
interface AnswerParts {
  readonly head: Pick<ExecuteResponse, "status" | "headers" | "sentAtMs">;
  /** What was recorded; `undefined` if there was no room. */
  readonly exchange: Exchange | undefined;
}

/** The answer to one job, read to its end, whatever it was. Times are on the clock of `performance.now()`. */
export class Answer {
  readonly status: number;
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly events: readonly InferenceEvent[];
  readonly outcome: StreamOutcome;
  /** Everything that is known about the stream. */
  readonly stream: CollectedStream;
  /** The body as it arrived. */
  readonly chunks: readonly Slice[];
  /** Whether the connection ended the body by itself; otherwise it was broken, or left open until the client left. */
  readonly isClosed: boolean;
  readonly sentAtMs: number;
  readonly endedAtMs: number;

  constructor({ head, exchange }: AnswerParts, stream: CollectedStream) {
    const { status, headers, sentAtMs } = head;
    this.chunks = exchange?.slices ?? [];
    this.isClosed = exchange?.end?.how.kind === "ended";
    this.status = status;
    this.headers = headers;
    this.sentAtMs = sentAtMs;
    this.stream = stream;
    this.events = stream.events;
    this.outcome = stream.outcome;
    this.endedAtMs = stream.endedAtMs;
  }

  get isComplete(): boolean {
    return this.outcome.status === "complete";
  }

  /** The token events, including reasoning. */
  get tokens(): readonly TokenEvent[] {
    return this.events.filter((event) => event.type === "token");
  }

  /** The text of the answer, without reasoning. */
  get text(): string {
    return this.tokens.map(({ channel, t }) => (channel === undefined ? t : "")).join("");
  }

  get end(): EndEvent | undefined {
    return this.events.find((event) => event.type === "end");
  }

  get error(): ErrorEvent | undefined {
    return this.events.find((event) => event.type === "error");
  }

  get stopReason(): EndEvent["stop_reason"] | undefined {
    return this.end?.stop_reason;
  }

  /** Tokens as the server counts them, or else the token events. */
  get tokenCount(): number {
    return this.end?.tokens_out ?? this.tokens.length;
  }

  /** From sending the request to the first token; `undefined` without a token. */
  get firstTokenMs(): number | undefined {
    const index = this.events.findIndex(({ type }) => type === "token");
    const arrivedAtMs = this.stream.arrivals[index];
    return arrivedAtMs === undefined ? undefined : arrivedAtMs - this.sentAtMs;
  }

  get durationMs(): number {
    return this.endedAtMs - this.sentAtMs;
  }

  /** How it ended, in one clause. */
  describe(): string {
    return describeOutcome(this.outcome);
  }
}
