/** A decoder call takes a microsecond regardless of size: up to this size, ASCII is faster without it. */
const MAX_SHORT_BYTES = 32;
const FIRST_NON_ASCII = 0x80;

/**
 * Joins the raw bytes of successive tokens into whole characters. The bytes of an incomplete character are held back
 * until it is complete; bytes that can never become a character are returned as U+FFFD, once per ill-formed sequence.
 */
export class Utf8Joiner {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  /** Whether the decoder may be holding bytes back. */
  #mayHold = false;

  /** Takes the bytes of one token; returns the text that is now complete, possibly "". */
  push(bytes: Uint8Array): string {
    if (!this.#mayHold && isShortAscii(bytes)) return String.fromCharCode(...bytes);
    if (bytes.length > 0) this.#mayHold = (bytes.at(-1) ?? 0) >= FIRST_NON_ASCII;
    return this.#decoder.decode(bytes, { stream: true });
  }

  /** Ends the text: bytes that are still held back become U+FFFD. */
  end(): string {
    return this.#decoder.decode();
  }
}

function isShortAscii(bytes: Uint8Array): boolean {
  if (bytes.length > MAX_SHORT_BYTES) return false;
  for (const byte of bytes) if (byte >= FIRST_NON_ASCII) return false;
  return true;
}
