import { StopMatcher, type StopMatch } from "./stop-matcher.js";
import { Utf8Joiner } from "./utf8-joiner.js";

/** From token bytes to text that may be sent: characters are completed first, then stop sequences are matched. */
export class TextPipeline {
  readonly #joiner = new Utf8Joiner();
  readonly #matcher: StopMatcher;

  constructor(stops: readonly string[]) {
    this.#matcher = new StopMatcher(stops);
  }

  /** Takes the bytes of one token. */
  push(bytes: Uint8Array): StopMatch {
    return this.#matcher.push(this.#joiner.push(bytes));
  }

  /** Ends the generation; an unfinished character may still complete a stop sequence that holds U+FFFD. */
  end(): StopMatch {
    const last = this.#matcher.push(this.#joiner.end());
    return last.matched === undefined ? { text: last.text + this.#matcher.end() } : last;
  }
}
