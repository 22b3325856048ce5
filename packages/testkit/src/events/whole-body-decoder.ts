import type { SseHandlers, SseSizeLimits } from "./sse-decoder.js";
import { Utf8Decoder } from "./utf8-decoder.js";

/** Treats the body as one message, for a response that is not a stream. */
export class WholeBodyDecoder {
  readonly #handlers: SseHandlers;
  readonly #limitBytes: number;
  readonly #utf8 = new Utf8Decoder();
  #text = "";
  #bytes = 0;
  readonly unterminatedBytes = 0;
  readonly unterminatedText = "";

  constructor(handlers: SseHandlers, { eventBytes }: Pick<SseSizeLimits, "eventBytes">) {
    this.#handlers = handlers;
    this.#limitBytes = eventBytes;
  }

  /** Byte sequences so far that are not UTF-8. */
  get invalidUtf8Count(): number {
    return this.#utf8.invalidCount;
  }

  feed(chunk: Uint8Array): void {
    if (this.#isOversized()) return;
    this.#bytes += chunk.byteLength;
    if (this.#isOversized()) this.#handlers.onOverflow("eventBytes");
    else this.#text += this.#utf8.decode(chunk);
  }

  end(): void {
    if (this.#isOversized()) return;
    const data = this.#text + this.#utf8.end();
    if (data !== "") this.#handlers.onMessage({ data });
  }

  #isOversized(): boolean {
    return this.#bytes > this.#limitBytes;
  }
}
