const PREVIEW_LENGTH = 200;
/** A UTF-16 unit takes at most three bytes of UTF-8. */
const MAX_BYTES_PER_UNIT = 3;

/**
 * Measures each block of lines between two blank lines in the text of an event stream (line ends are already LF). The result does not
 * depend on how the text is split.
 */
export class BlockMeter {
  readonly #limitBytes: number;
  #atLineStart = true;
  #openBytes = 0;
  #openText = "";

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** UTF-8 bytes of the open block, which no blank line has ended yet. */
  get openBytes(): number {
    return this.#openBytes;
  }

  /** Up to the first 200 characters of that block. */
  get openText(): string {
    return this.#openText;
  }

  /** How many characters of `text` may be passed on: all of them, or those before the first oversized block. */
  admit(text: string): number {
    if (text === "") return 0;
    const mayOverflow = this.#openBytes + text.length * MAX_BYTES_PER_UNIT > this.#limitBytes;
    const admitted = mayOverflow ? this.#findOverflow(text) : text.length;
    this.#open(text, this.#afterLastBlankLine(text));
    this.#atLineStart = text.endsWith("\n");
    return admitted;
  }

  #open(text: string, start: number): void {
    if (start > 0) {
      this.#openBytes = 0;
      this.#openText = "";
    }
    if (start === text.length) return;
    this.#openBytes += Buffer.byteLength(start === 0 ? text : text.slice(start));
    const room = PREVIEW_LENGTH - this.#openText.length;
    if (room > 0) this.#openText += text.slice(start, start + room);
  }

  #afterLastBlankLine(text: string): number {
    const index = text.lastIndexOf("\n\n");
    if (index !== -1) return index + 2;
    return this.#atLineStart && text.startsWith("\n") ? 1 : 0;
  }

  /** The start of the first oversized block, or the length of the text if there is none. */
  #findOverflow(text: string): number {
    let start = this.#atLineStart ? skipBlankLines(text, 0) : 0;
    let openBytes = start === 0 ? this.#openBytes : 0;
    while (start < text.length) {
      const blank = text.indexOf("\n\n", start);
      const end = blank === -1 ? text.length : blank + 1;
      if (openBytes + Buffer.byteLength(text.slice(start, end)) > this.#limitBytes) return start;
      openBytes = 0;
      start = blank === -1 ? text.length : skipBlankLines(text, blank + 2);
    }
    return text.length;
  }
}

/** `index` is the start of a line. */
function skipBlankLines(text: string, index: number): number {
  let start = index;
  while (text[start] === "\n") start += 1;
  return start;
}
