import type { SseHandlers, SseSizeLimits } from "./sse-decoder.js";

/** Treats the body as one message, for a response that is not a stream. */
export class WholeBodyDecoder {
  readonly #handlers: SseHandlers;
  readonly #limitBytes: number;
  readonly #utf8 = new TextDecoder();
  #text = "";
  #bytes = 0;
  readonly unterminatedBytes = 0;
  readonly unterminatedText = "";

  constructor(handlers: SseHandlers, { eventBytes }: Pick<SseSizeLimits, "eventBytes">) {
    this.#handlers = handlers;
    this.#limitBytes = eventBytes;
  }

  feed(chunk: Uint8Array): void {
    if (this.#isOversized()) return;
    this.#bytes += chunk.byteLength;
    if (this.#isOversized()) this.#handlers.onOverflow("eventBytes");
    else this.#text += this.#utf8.decode(chunk, { stream: true });
  }

  end(): void {
    if (this.#isOversized()) return;
    const data = this.#text + this.#utf8.decode();
    if (data !== "") this.#handlers.onMessage({ data });
  }

  #isOversized(): boolean {
    return this.#bytes > this.#limitBytes;
  }
}
