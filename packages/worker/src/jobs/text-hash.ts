import { createHash } from "node:crypto";

/**
 * Text is buffered up to this length: a call into the hash costs more than the bytes of a token.
 */
const COLLECTED_CHARACTERS = 4_096;

/** SHA-256 of a text that arrives in pieces of whole characters. */
export class TextHash {
  readonly #hash = createHash("sha256");
  #collected = "";

  update(text: string): void {
    this.#collected += text;
    if (this.#collected.length < COLLECTED_CHARACTERS) return;
    this.#hash.update(this.#collected);
    this.#collected = "";
  }

  /** Returns the hash in hexadecimal; nothing may be added after that. */
  digest(): string {
    return this.#hash.update(this.#collected).digest("hex");
  }
}

/** SHA-256 of a text in hexadecimal. */
export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
