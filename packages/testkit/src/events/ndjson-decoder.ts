import type { SseHandlers, SseSizeLimits } from "./sse-decoder.js";
import { Utf8Decoder } from "./utf8-decoder.js";

const PREVIEW_LENGTH = 200;
const BRACE = 123;
const CLOSING_BRACE = 125;

/**
 * Decodes a stream of JSON lines, however the bytes are split. Empty lines are ignored; a last line without a line end is incomplete.
 */
export class NdjsonDecoder {
  readonly #handlers: SseHandlers;
  readonly #limitBytes: number;
  readonly #utf8 = new Utf8Decoder();
  /** The line that no line end has completed yet. */
  #open = "";
  #openBytes = 0;
  #closed = false;

  constructor(handlers: SseHandlers, { eventBytes }: Pick<SseSizeLimits, "eventBytes">) {
    this.#handlers = handlers;
    this.#limitBytes = eventBytes;
  }

  /** Bytes of the unfinished line, which the end of the stream discards. */
  get unterminatedBytes(): number {
    return this.#openBytes;
  }

  /** The first characters of that line. */
  get unterminatedText(): string {
    return this.#open.slice(0, PREVIEW_LENGTH);
  }

  /** Byte sequences so far that are not UTF-8. */
  get invalidUtf8Count(): number {
    return this.#utf8.invalidCount;
  }

  /** Decodes one chunk; the handlers run before this returns. */
  feed(chunk: Uint8Array): void {
    this.#feedText(this.#utf8.decode(chunk));
  }

  end(): void {
    this.#feedText(this.#utf8.end());
  }

  #feedText(text: string): void {
    let start = 0;
    for (let at = text.indexOf("\n"); at !== -1 && !this.#closed; at = text.indexOf("\n", start)) {
      this.#endLine(text.slice(start, at));
      start = at + 1;
    }
    this.#keep(text.slice(start));
  }

  #endLine(rest: string): void {
    // A whole line in one slice is the rule. One character of UTF-16 is at most three bytes, so a short line need not be measured.
    if (this.#open === "" && rest.length * 3 <= this.#limitBytes) {
      this.#dispatch(rest);
      return;
    }
    this.#keep(rest);
    if (this.#closed) return;
    const line = this.#open;
    this.#open = "";
    this.#openBytes = 0;
    this.#dispatch(line);
  }

  #dispatch(line: string): void {
    const isBare = line.charCodeAt(0) === BRACE && line.charCodeAt(line.length - 1) === CLOSING_BRACE; // nothing to trim
    const data = isBare ? line : line.trim();
    if (data !== "") this.#handlers.onMessage({ data });
  }

  #keep(part: string): void {
    if (this.#closed) return;
    this.#openBytes += Buffer.byteLength(part);
    if (this.#openBytes <= this.#limitBytes) {
      this.#open += part;
    } else {
      this.#closed = true;
      this.#handlers.onOverflow("eventBytes");
    }
  }
}
