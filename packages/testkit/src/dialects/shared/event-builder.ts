import { InvalidEventError, type StopReason } from "inference-worker-protocol";
import type { InferenceEvent } from "../events.js";
import { countOf, textOf, type Fields } from "./json.js";

/** 529 is that of Anthropic's API. */
const RETRIABLE_STATUSES = new Set([429, 503, 529]);

const NO_EVENTS: readonly InferenceEvent[] = Object.freeze([]);

/** What is known about the end of a job besides its reason. */
interface EndFacts {
  readonly sequence?: string | undefined;
  readonly decodeMs?: number | undefined;
}

/** Makes the events of one stream: numbers the tokens, and keeps the last count of the server. */
export class EventBuilder {
  readonly #jobId: string | undefined;
  #tokenCount = 0;
  #usage: number | undefined;
  /** Whether a tool was called. */
  hasCalls = false;
  /** Whether a terminal event was made. */
  isOver = false;

  constructor(jobId: string | undefined) {
    this.#jobId = jobId;
  }

  /** Tokens that the server counted, or the token events so far. */
  get tokenCount(): number {
    return this.#usage ?? this.#tokenCount;
  }

  /** The headers have arrived. Nothing else is known about the job. */
  started(): InferenceEvent {
    return { type: "started", ...(this.#jobId === undefined ? {} : { job_id: this.#jobId }) };
  }

  /**
   * Generated text; no event for an empty one, or `null`.
   *
   * @throws {InvalidEventError} not text, or half a character.
   */
  text(text: unknown, channel?: "reasoning"): readonly InferenceEvent[] {
    if (text === undefined || text === null || text === "") return NO_EVENTS;
    if (typeof text !== "string") throw new InvalidEventError(`expected text, got ${typeof text}`);
    if (!text.isWellFormed()) throw new InvalidEventError("a text with half a character (a lone surrogate)");
    const token = { type: "token", t: text, i: this.#tokenCount++ } as const;
    return [channel === undefined ? token : { ...token, channel }];
  }

  /** A part of the call of a tool. */
  toolCall(index: number, call: { readonly id?: unknown; readonly name?: unknown; readonly arguments?: unknown }) {
    this.hasCalls = true;
    const parts = { id: textOf(call.id), name: textOf(call.name), arguments: textOf(call.arguments) };
    const given = Object.entries(parts).filter(([, value]) => value !== undefined);
    return { type: "tool_call", index, ...Object.fromEntries(given) } as InferenceEvent;
  }

  /** The number of generated tokens, as the server counts them. The last one counts. */
  usage(count: unknown): void {
    if (count !== undefined) this.#usage = countOf(count) ?? this.#usage;
  }

  end(reason: StopReason, { sequence, decodeMs }: EndFacts = {}): InferenceEvent[] {
    this.isOver = true;
    // Some servers send zeros where they do not count.
    const isCounted = this.#usage !== undefined && (this.#usage > 0 || this.#tokenCount === 0);
    return [
      {
        type: "end",
        tokens_out: isCounted ? (this.#usage as number) : this.#tokenCount,
        ...(isCounted ? {} : { tokens_out_estimated: true }),
        ...(decodeMs === undefined ? {} : { decode_time_ms: decodeMs }),
        stop_reason: reason,
        ...(sequence === undefined ? {} : { stop_sequence_matched: sequence }),
      },
    ];
  }

  /** The server has given up. */
  error(error: unknown, status?: number): InferenceEvent[] {
    this.isOver = true;
    const { code = "error", message = "the server does not say why" } = describeError(error);
    return [{ type: "error", code, message, retriable: isRetriable(status ?? Number(code)) }];
  }
}

/** Whether a refusal with this status may succeed later. */
export function isRetriable(status: number): boolean {
  return RETRIABLE_STATUSES.has(status);
}

/** Code and message of an error in any of the usual forms: a text, or an object with `code`, `type` and `message`. */
export function describeError(error: unknown): { code: string | undefined; message: string | undefined } {
  if (typeof error === "string") return { code: undefined, message: error };
  const { code, type, message } = (error ?? {}) as Fields;
  const named = textOf(code) ?? textOf(type);
  return { code: named ?? (typeof code === "number" ? String(code) : undefined), message: textOf(message) };
}
