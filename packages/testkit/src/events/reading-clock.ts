/** How often a waiting process notes that it can read. */
const TICK_MS = 20;
/** A tick that is later than this shows that the process was busy, or did not get the CPU. */
const LATE_MS = 2 * TICK_MS;
/** Those of the system, also in a test that replaces the timers: such a test may run all timers until none is left. */
const { setInterval, clearInterval } = globalThis;

/**
 * Notes when this process could read. Everything that arrives while it cannot is found at once afterwards, which looks as if it had been sent
 * at once. Runs only while a stream waits for its first content.
 */
class ReadingClock {
  #waitingCount = 0;
  #timer: NodeJS.Timeout | undefined;
  #beganMs = 0;
  #tickMs = 0;
  #previousTickMs = 0;

  begin(): void {
    this.#waitingCount += 1;
    if (this.#timer !== undefined) return;
    this.#beganMs = this.#tickMs = this.#previousTickMs = performance.now();
    this.#timer = setInterval(() => {
      this.#previousTickMs = this.#tickMs;
      this.#tickMs = performance.now();
    }, TICK_MS).unref();
  }

  end(): void {
    this.#waitingCount -= 1;
    if (this.#waitingCount > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Whether the process has read since then, for a while: two ticks. */
  hasReadSince(sinceMs: number): boolean {
    return this.#previousTickMs > Math.max(sinceMs, this.#beganMs);
  }

  /** How long the process could not read before something arrived; 0 if it could. A late tick comes before what arrived during it. */
  blockedBefore(arrivalMs: number): number {
    if (arrivalMs - this.#tickMs > LATE_MS) return arrivalMs - this.#tickMs;
    const wasLate = this.#tickMs - this.#previousTickMs > LATE_MS && arrivalMs - this.#tickMs < TICK_MS;
    return wasLate ? arrivalMs - this.#previousTickMs : 0;
  }
}

/** The one of this process. */
export const readingClock = new ReadingClock();
