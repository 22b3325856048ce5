/**
 * Joins the raw bytes of successive tokens to whole characters. The bytes of an unfinished character are held back until
 * the character is complete; bytes that can never become one arrive as U+FFFD, once for each ill-formed sequence.
 */
export class Utf8Joiner {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });

  /** Takes the bytes of one token; returns the text that is complete by now, possibly "". */
  push(bytes: Uint8Array): string {
    return this.#decoder.decode(bytes, { stream: true });
  }

  /** Ends the text: bytes still held back become U+FFFD. */
  end(): string {
    return this.#decoder.decode();
  }
}
