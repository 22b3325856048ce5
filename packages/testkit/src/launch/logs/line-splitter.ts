import { StringDecoder } from "node:string_decoder";

/** Characters kept of one line; the rest is counted and discarded, so that an endless line uses no memory. */
export const LONGEST_LINE = 8_192;

/**
 * Cuts a byte stream into lines of text. A character whose bytes are split across two chunks is reassembled; invalid
 * UTF-8 becomes U+FFFD. Lines end at `\n` or `\r\n` and are truncated to {@link LONGEST_LINE} characters.
 */
export class LineSplitter {
  readonly #decoder = new StringDecoder("utf8");
  #partial = "";
  #cutCount = 0;

  /** Takes the next bytes and returns the lines that they complete. */
  push(chunk: Uint8Array): string[] {
    return this.#split(this.#decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)));
  }

  /** Returns the last line if it did not end with a line break. */
  end(): string[] {
    const lines = this.#split(this.#decoder.end());
    if (this.#partial !== "") lines.push(this.#takeLine());
    return lines;
  }

  #split(text: string): string[] {
    const lines: string[] = [];
    let from = 0;
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", from)) {
      this.#append(text.slice(from, at));
      lines.push(this.#takeLine());
      from = at + 1;
    }
    this.#append(text.slice(from));
    return lines;
  }

  #append(text: string): void {
    const room = LONGEST_LINE - this.#partial.length;
    this.#partial += text.slice(0, room);
    this.#cutCount += Math.max(0, text.length - room);
  }

  #takeLine(): string {
    const cutCount = this.#cutCount;
    const kept = this.#partial;
    this.#partial = "";
    this.#cutCount = 0;
    if (cutCount === 0) return kept.endsWith("\r") ? kept.slice(0, -1) : kept;
    // A slice keeps its whole chunk alive, which after a cut is mostly discarded text: copy.
    const copy = Buffer.from(kept, "utf16le").toString("utf16le");
    return `${copy} … (${cutCount} more characters)`;
  }
}
