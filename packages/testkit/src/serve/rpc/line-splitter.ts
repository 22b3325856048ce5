const LINE_FEED = 10;

/** A complete line, or one that was too long and was skipped. */
export type Line =
  { readonly kind: "line"; readonly bytes: Uint8Array } | { readonly kind: "too-long"; readonly byteCount: number };

/** Splits bytes into lines. A line beyond the limit is counted and skipped up to its end, so the next line is read as usual. */
export class LineSplitter {
  readonly #mostBytes: number;
  #parts: Uint8Array[] = [];
  #byteCount = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** The lines that this piece completes. */
  *push(chunk: Uint8Array): Generator<Line, void> {
    let from = 0;
    for (let at = chunk.indexOf(LINE_FEED); at !== -1; at = chunk.indexOf(LINE_FEED, from)) {
      this.#add(chunk.subarray(from, at));
      yield this.#take();
      from = at + 1;
    }
    this.#add(chunk.subarray(from));
  }

  /** The bytes after the last line break, if there are any. */
  *end(): Generator<Line, void> {
    if (this.#byteCount > 0) yield this.#take();
  }

  #add(piece: Uint8Array): void {
    this.#byteCount += piece.length;
    if (this.#byteCount > this.#mostBytes) this.#parts = [];
    else if (piece.length > 0) this.#parts.push(piece);
  }

  #take(): Line {
    const byteCount = this.#byteCount;
    const parts = this.#parts;
    this.#parts = [];
    this.#byteCount = 0;
    if (byteCount > this.#mostBytes) return { kind: "too-long", byteCount };
    return { kind: "line", bytes: parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts) };
  }
}
