import { createItl, type DrawKey, type ItlAt } from "./itl.js";
import type { StubConfig } from "./stub-config.js";

/** The maximum of `setTimeout`; nothing in a worker waits longer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Inputs of a job's schedule besides its timing. */
export interface PacedJob extends DrawKey {
  readonly promptTokens: number;
}

/**
 * When each token is due, in milliseconds of `performance.now()`: the start, `ttft`, the prefill, and the sum of the inter-token latencies.
 * Absolute, so that late timers do not add up: sleeping per token is 3 % slow at an inter-token latency of 10 ms and 15 % at 1 ms.
 */
export class Pacer {
  readonly startedAtMs = performance.now();
  readonly #timing: StubConfig["timing"];
  readonly #itlAt: ItlAt;
  #dueMs: number;
  #index = 0;
  #addedItlMs = 0;

  constructor(timing: StubConfig["timing"], job: PacedJob) {
    this.#timing = timing;
    this.#itlAt = createItl(timing.itlMs, job);
    this.#dueMs = this.startedAtMs + timing.ttftMs + timing.prefillMsPerToken * job.promptTokens;
  }

  /** When the next token is due; each call advances by one token. */
  next(): number {
    const index = this.#index++;
    const { burst, stalls } = this.#timing;
    if (index > 0 && index % burst === 0) this.#dueMs += this.#itlAt(index / burst - 1);
    if (stalls.length > 0) for (const { afterTokens, ms } of stalls) if (afterTokens === index) this.#dueMs += ms;
    return (this.#dueMs += this.#addedItlMs);
  }

  /** Adds `itlMs` to the latency of every further token. */
  slowDown(itlMs: number): void {
    this.#addedItlMs += itlMs;
  }
}

let turn: Promise<void> | undefined;

/** One turn of the event loop, shared by all jobs that wait for it: a separate timer per job took a fifth of the time of a token. */
function nextTurn(): Promise<void> {
  turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined;
      resolve();
    });
  });
  return turn;
}

/**
 * Waits until `performance.now()` reaches `dueMs`, or until the signal fires. Always yields to the event loop: a job without pauses would
 * block everything else until its end (other answers, cancellations, its own events).
 */
export function waitUntil(dueMs: number, signal: AbortSignal): Promise<void> {
  const waitMs = dueMs - performance.now();
  if (waitMs <= 0 || signal.aborted) return nextTurn();
  return new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(Math.max(waitMs, 1), LONGEST_TIMER_MS));
    signal.addEventListener("abort", done);
  });
}
