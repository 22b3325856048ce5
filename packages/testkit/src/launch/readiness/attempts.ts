/** An open question that is younger says nothing yet about a worker that has answered the one before. */
const TELLING_MS = 200;

/** How often a starting worker was asked, and whether it answers at all. */
export class Attempts {
  readonly #what: string;
  readonly #startedAtMs = performance.now();
  #count = 0;
  #unansweredCount = 0;
  #longestMs = 0;
  /** When the question was asked that is still open. */
  #openSinceMs: number | undefined;
  #wasAnswered = false;

  /** @param what is asked, for the message. */
  constructor(what: string) {
    this.#what = what;
  }

  begin(): void {
    this.#count += 1;
    this.#openSinceMs = performance.now();
  }

  /** The open question was answered, be it by a refusal. */
  noteAnswer(): void {
    this.#openSinceMs = undefined;
    this.#wasAnswered = true;
  }

  /** The open question is given up; says so for the error of a start that fails. */
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

  /** At the end of the start: the same for a question that is open, if that says more than the last answer. */
  giveUpOpen(): string | undefined {
    if (this.#openSinceMs === undefined) return undefined;
    const isYoung = performance.now() - this.#openSinceMs < TELLING_MS;
    return this.#wasAnswered && isYoung ? undefined : this.giveUp();
  }
}
