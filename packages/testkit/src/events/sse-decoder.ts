import { createParser, type EventSourceMessage, type EventSourceParser } from "eventsource-parser";
import type { WireMessage } from "../dialects/index.js";
import { BlockMeter } from "./block-meter.js";
import type { ResolvedStreamTimeouts, StreamLimitName } from "./timeouts.js";
import { LineSieve } from "./line-sieve.js";
import { Utf8Decoder } from "./utf8-decoder.js";

/** Receives what a decoder finds. */
export interface SseHandlers {
  readonly onMessage: (message: WireMessage) => void;
  readonly onComment?: (() => void) | undefined;
  /** The reconnection time in ms, at most 2^31 - 1. */
  readonly onRetry?: ((retryMs: number) => void) | undefined;
  /** A skipped line that is not a field of the format; at most its first 200 characters. */
  readonly onIgnoredLine?: ((line: string) => void) | undefined;
  /** A size limit was exceeded; nothing is reported after this. */
  readonly onOverflow: (limit: StreamLimitName) => void;
}

export type SseSizeLimits = Pick<ResolvedStreamTimeouts, "eventBytes" | "eventIdBytes" | "eventNameBytes">;

/** The longest delay that a timer accepts. */
const MAX_RETRY_MS = 2 ** 31 - 1;

/**
 * Decodes the bytes of an event stream, however they are split, by the rules of WHATWG HTML (server-sent events). eventsource-parser
 * handles the line grammar. Decoding, line ends, the last `id`, ignored lines and all size limits are handled in front of it: the
 * parser holds back a final CR, mistakes three Latin-1 letters at the start for a BOM, forgets an `id`, creates an Error object for each
 * ignored line, and does not see sizes inside one chunk. Not supported: an `id` in a block without `data`, which the parser does not
 * report.
 *
 * @example
 * const decoder = new SseDecoder({ onMessage: (message) => use(message.data), onOverflow: fail }, DEFAULT_STREAM_TIMEOUTS);
 * for await (const chunk of body) decoder.feed(chunk);
 * decoder.end();
 */
export class SseDecoder {
  readonly #handlers: SseHandlers;
  readonly #limits: SseSizeLimits;
  readonly #meter: BlockMeter;
  readonly #sieve: LineSieve;
  readonly #parser: EventSourceParser;
  /** The BOM is handled here: Node 24 drops two of them when the first is split between chunks. */
  readonly #utf8 = new Utf8Decoder({ keepsBom: true });
  #atStart = true;
  #afterCr = false;
  #closed = false;
  #id: string | undefined;

  constructor(handlers: SseHandlers, limits: SseSizeLimits) {
    this.#handlers = handlers;
    this.#limits = limits;
    this.#meter = new BlockMeter(limits.eventBytes);
    this.#sieve = new LineSieve({
      onIgnoredLine: (line) => handlers.onIgnoredLine?.(line),
      onRetry: (retryMs) => handlers.onRetry?.(Math.min(retryMs, MAX_RETRY_MS)),
    });
    this.#parser = createParser({
      onEvent: (message) => this.#dispatch(message),
      onComment: () => handlers.onComment?.(),
    });
    // The parser compares its first chunk with BOM bytes as if they were characters; give it an empty one.
    this.#parser.feed("");
  }

  /** Bytes after the last blank line: the unfinished event that the end of the stream discards. */
  get unterminatedBytes(): number {
    return this.#meter.openBytes;
  }

  /** The first characters of that unfinished event. */
  get unterminatedText(): string {
    return this.#meter.openText;
  }

  /** Byte sequences so far that are not UTF-8. */
  get invalidUtf8Count(): number {
    return this.#utf8.invalidCount;
  }

  /** Decodes one chunk; the handlers run before this returns. */
  feed(chunk: Uint8Array): void {
    this.#feedText(this.#withoutBom(this.#utf8.decode(chunk)));
  }

  /** Ends the stream; an unfinished event is not dispatched. */
  end(): void {
    this.#feedText(this.#withoutBom(this.#utf8.end()));
  }

  /** One leading BOM is not part of the stream. */
  #withoutBom(text: string): string {
    if (!this.#atStart || text === "") return text;
    this.#atStart = false;
    return text.startsWith("\ufeff") ? text.slice(1) : text;
  }

  #feedText(raw: string): void {
    if (raw === "" || this.#closed) return;
    const text = this.#normaliseLineEnds(raw);
    const admitted = this.#meter.admit(text);
    this.#parser.feed(this.#sieve.sift(text.slice(0, admitted)));
    if (admitted < text.length) this.#overflow("eventBytes");
  }

  /** CRLF and CR become LF at once: an event ended by a CR must not wait for the next character. */
  #normaliseLineEnds(raw: string): string {
    const text = this.#afterCr && raw.startsWith("\n") ? raw.slice(1) : raw;
    this.#afterCr = raw.endsWith("\r");
    return text.includes("\r") ? text.replaceAll(/\r\n?/g, "\n") : text;
  }

  #dispatch(message: EventSourceMessage): void {
    if (this.#closed) return;
    const { event, id } = message;
    if (event !== undefined && exceeds(event, this.#limits.eventNameBytes)) {
      this.#overflow("eventNameBytes");
    } else if (id !== undefined && exceeds(id, this.#limits.eventIdBytes)) {
      this.#overflow("eventIdBytes");
    } else {
      this.#id = id ?? this.#id;
      message.id = this.#id;
      this.#handlers.onMessage(message);
    }
  }

  #overflow(limit: StreamLimitName): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#handlers.onOverflow(limit);
  }
}

function exceeds(text: string, limitBytes: number): boolean {
  return text.length * 3 > limitBytes && Buffer.byteLength(text) > limitBytes;
}
