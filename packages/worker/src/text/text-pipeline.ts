import { StopMatcher, type StopMatch } from "./stop-matcher.js";
import { Utf8Joiner } from "./utf8-joiner.js";

/** Turns token bytes into text that may be sent. */
export interface Pipeline {
  /** Takes the bytes of one token. */
  push(bytes: Uint8Array): StopMatch;
  /** Ends the generation. */
  end(): StopMatch;
}

/** Turns token bytes into text that may be sent: first completes characters, then matches stop sequences. */
export class TextPipeline implements Pipeline {
  readonly #joiner = new Utf8Joiner();
  readonly #matcher: StopMatcher;

  constructor(stops: readonly string[]) {
    this.#matcher = new StopMatcher(stops);
  }

  /** Takes the bytes of one token. */
  push(bytes: Uint8Array): StopMatch {
    return this.#matcher.push(this.#joiner.push(bytes));
  }

  /** Ends the generation; an incomplete character may still complete a stop sequence that contains U+FFFD. */
  end(): StopMatch {
    const last = this.#matcher.push(this.#joiner.end());
    return last.matched === undefined ? { text: last.text + this.#matcher.end() } : last;
  }
}
