/** The decoder costs a microsecond a call, whatever the size: up to here it is faster to do without, if it is ASCII. */
const MAX_SHORT_BYTES = 32;
const FIRST_NON_ASCII = 0x80;

/**
 * Joins the raw bytes of successive tokens to whole characters. The bytes of an unfinished character are held back until
 * the character is complete; bytes that can never become one arrive as U+FFFD, once for each ill-formed sequence.
 */
export class Utf8Joiner {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  /** Whether the decoder may hold bytes back. */
  #mayHold = false;

  /** Takes the bytes of one token; returns the text that is complete by now, possibly "". */
  push(bytes: Uint8Array): string {
    if (!this.#mayHold && isShortAscii(bytes)) return String.fromCharCode(...bytes);
    if (bytes.length > 0) this.#mayHold = (bytes.at(-1) ?? 0) >= FIRST_NON_ASCII;
    return this.#decoder.decode(bytes, { stream: true });
  }

  /** Ends the text: bytes still held back become U+FFFD. */
  end(): string {
    return this.#decoder.decode();
  }
}

function isShortAscii(bytes: Uint8Array): boolean {
  if (bytes.length > MAX_SHORT_BYTES) return false;
  for (const byte of bytes) if (byte >= FIRST_NON_ASCII) return false;
  return true;
}
