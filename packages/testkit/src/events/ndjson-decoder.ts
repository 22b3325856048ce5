import type { SseHandlers, SseSizeLimits } from "./sse-decoder.js";

const PREVIEW_LENGTH = 200;

/**
 * Decodes a stream of JSON lines, however the bytes are split. Empty lines are ignored; a last line without a line end is incomplete.
 */
export class NdjsonDecoder {
  readonly #handlers: SseHandlers;
  readonly #limitBytes: number;
  readonly #utf8 = new TextDecoder();
  /** Parts of the open line; joined only when it ends. */
  #parts: string[] = [];
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
    return this.#parts.join("").slice(0, PREVIEW_LENGTH);
  }

  /** Decodes one chunk; the handlers run before this returns. */
  feed(chunk: Uint8Array): void {
    this.#feedText(this.#utf8.decode(chunk, { stream: true }));
  }

  end(): void {
    this.#feedText(this.#utf8.decode());
  }

  #feedText(text: string): void {
    let start = 0;
    for (let at = text.indexOf("\n"); at !== -1 && !this.#closed; at = text.indexOf("\n", start)) {
      this.#keep(text.slice(start, at));
      this.#endLine();
      start = at + 1;
    }
    if (!this.#closed) this.#keep(text.slice(start));
  }

  #keep(part: string): void {
    if (part === "") return;
    this.#openBytes += Buffer.byteLength(part);
    if (this.#openBytes <= this.#limitBytes) {
      this.#parts.push(part);
      return;
    }
    this.#closed = true;
    this.#handlers.onOverflow("eventBytes");
  }

  #endLine(): void {
    if (this.#closed) return;
    const data = this.#parts.join("").trim();
    this.#parts = [];
    this.#openBytes = 0;
    if (data !== "") this.#handlers.onMessage({ data });
  }
}
