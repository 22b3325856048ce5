/** For a worker that has answered the previous probe, a pending probe younger than this means nothing yet. */
const TELLING_MS = 200;

/** How often a starting worker was probed, and whether it answers. */
export class Attempts {
  readonly #what: string;
  readonly #startedAtMs = performance.now();
  #count = 0;
  #unansweredCount = 0;
  #longestMs = 0;
  /** When the pending probe was sent. */
  #openSinceMs: number | undefined;
  #wasAnswered = false;

  /** @param what the probe asks for, for the message. */
  constructor(what: string) {
    this.#what = what;
  }

  begin(): void {
    this.#count += 1;
    this.#openSinceMs = performance.now();
  }

  /** The pending probe was answered, possibly by a refusal. */
  noteAnswer(): void {
    this.#openSinceMs = undefined;
    this.#wasAnswered = true;
  }

  /** The pending probe is abandoned; returns the text for the error of a failed start. */
  giveUp(): string {
    const nowMs = performance.now();
    this.#longestMs = Math.max(this.#longestMs, nowMs - (this.#openSinceMs ?? nowMs));
    this.#openSinceMs = undefined;
    this.#wasAnswered = false;
    this.#unansweredCount += 1;
    const all = `${this.#count} ${this.#count === 1 ? "attempt" : "attempts"} in ${Math.round(nowMs - this.#startedAtMs)} ms`;
    const share = this.#unansweredCount === this.#count ? all : `${this.#unansweredCount} of ${all}`;
    return `${this.#what} did not answer within ${Math.round(this.#longestMs)} ms (${share})`;
  }

  /**
   * At the end of the start: the same for a pending probe, if that is more informative than the last answer.
   */
  giveUpOpen(): string | undefined {
    if (this.#openSinceMs === undefined) return undefined;
    const isYoung = performance.now() - this.#openSinceMs < TELLING_MS;
    return this.#wasAnswered && isYoung ? undefined : this.giveUp();
  }
}
