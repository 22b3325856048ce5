import { setMaxListeners } from "node:events";
import { clearTimeout, setTimeout } from "node:timers"; // a test may replace the global ones

/** How long a test may take, and since when its runner counts. */
export interface TestLimit {
  /** The name of the runner, for messages. */
  readonly runner: string;
  readonly limitMs: number;
  /** On the clock of `performance.now()`. */
  readonly startedAtMs: number;
}

/** The part of the limit that is left for the framework's own error, and the longest time that it needs. */
const MARGIN_SHARE = 0.1;
const LONGEST_MARGIN_MS = 500;
/** How often the limit is read again: the runner may not have started its clock, and a test may change its limit. */
const POLL_MS = 50;

/** Why the signal of a {@link Deadline} fires. */
export class DeadlineReached extends Error {
  readonly limit: TestLimit;

  constructor(limit: TestLimit) {
    super(`${describeLimit(limit)} was about to pass`);
    this.name = "DeadlineReached";
    this.limit = limit;
  }
}

/**
 * Fires a signal shortly before a test runner ends a test for taking too long: 500 ms before, or a tenth of the limit. What the test waits
 * for then fails with an error that says what it was. A test may change its limit.
 */
export class Deadline {
  readonly #read: () => TestLimit | undefined;
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  /** @param read returns undefined while the clock of the test is not running. */
  constructor(read: () => TestLimit | undefined) {
    this.#read = read;
    setMaxListeners(0, this.#controller.signal); // one per open stream
    this.#check();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The test is over. */
  end(): void {
    clearTimeout(this.#timer);
  }

  #check(): void {
    const limit = this.#read();
    const leftMs = limit === undefined ? POLL_MS : findEndMs(limit) - performance.now();
    if (limit !== undefined && leftMs <= 0) this.#controller.abort(new DeadlineReached(limit));
    else this.#timer = setTimeout(() => this.#check(), Math.min(Math.ceil(leftMs), POLL_MS)).unref();
  }
}

/** "the limit of the test, 5000 ms (Vitest),". */
export function describeLimit({ limitMs, runner }: TestLimit): string {
  return `the limit of the test, ${Math.round(limitMs)} ms (${runner}),`;
}

function findEndMs({ startedAtMs, limitMs }: TestLimit): number {
  if (!(limitMs > 0)) return Infinity; // 0 means that there is none
  return startedAtMs + limitMs - Math.min(LONGEST_MARGIN_MS, limitMs * MARGIN_SHARE);
}
