/** Text that may be sent now, and the stop sequence that ended it, if any. */
export interface StopMatch {
  readonly text: string;
  readonly matched?: string;
}

/**
 * Finds stop sequences in a growing text, across token boundaries. The match and everything after it is never released;
 * text that may be the beginning of a match is held back until it turns out not to be.
 *
 * The sequence that completes first wins, and of two that complete at the same character, the longer one. So the result
 * does not depend on token boundaries.
 */
export class StopMatcher {
  readonly #stops: readonly string[];
  #held = "";

  constructor(stops: readonly string[]) {
    // A lone surrogate could split a character of the output.
    this.#stops = stops.map((stop) => stop.toWellFormed());
  }

  /** Adds the next piece of text; after a match nothing more may be pushed. */
  push(text: string): StopMatch {
    if (this.#stops.length === 0) return { text };
    const buffer = this.#held + text;
    const match = this.#findFirst(buffer);
    if (match !== undefined) {
      this.#held = "";
      return { text: buffer.slice(0, match.start), matched: match.stop };
    }
    const heldFrom = buffer.length - this.#prefixLengthAtEnd(buffer);
    this.#held = buffer.slice(heldFrom);
    return { text: buffer.slice(0, heldFrom) };
  }

  /** Ends the text: what was held back turned out not to match. */
  end(): string {
    const text = this.#held;
    this.#held = "";
    return text;
  }

  #findFirst(buffer: string): { start: number; stop: string } | undefined {
    let first: { start: number; end: number; stop: string } | undefined;
    for (const stop of this.#stops) {
      const start = buffer.indexOf(stop);
      if (start === -1) continue;
      const end = start + stop.length;
      const better = first === undefined || end < first.end || (end === first.end && start < first.start);
      if (better) first = { start, end, stop };
    }
    return first;
  }

  /** Length of the longest end of `buffer` that begins a stop sequence. */
  #prefixLengthAtEnd(buffer: string): number {
    let longest = 0;
    for (const stop of this.#stops) {
      let length = Math.min(stop.length - 1, buffer.length);
      while (length > longest && !buffer.endsWith(stop.slice(0, length))) length--;
      longest = Math.max(longest, length);
    }
    return longest;
  }
}
