import { setImmediate as nextTurn } from "node:timers/promises";
import type { StubConfig } from "./stub-config.js";

/** What `setTimeout` can hold; nothing in a worker waits longer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * When each token is due, in milliseconds after the start: `ttft` plus the sum of the gaps. Absolute, so that late timers do
 * not add up: sleeping token by token runs 3 % slow at 10 ms gaps and 15 % at 1 ms.
 */
export class Pacer {
  readonly #gaps: readonly number[];
  #dueMs: number;
  #next = 0;

  constructor(timing: StubConfig["timing"]) {
    this.#gaps = typeof timing.gapMs === "number" ? [timing.gapMs] : Array.isArray(timing.gapMs) ? timing.gapMs : [];
    this.#dueMs = performance.now() + timing.ttftMs;
  }

  /**
   * Waits until the next token is due, or until the signal fires. Gives the event loop a turn in any case: a job without
   * gaps would keep everything else waiting to its end (other answers, cancellations, its own events).
   */
  async next(signal: AbortSignal): Promise<void> {
    const dueMs = this.#dueMs;
    this.#dueMs += this.#gaps[this.#next++ % this.#gaps.length] ?? 0;
    if (dueMs <= performance.now()) await nextTurn();
    else await waitUntil(dueMs, signal);
  }
}

/** Waits until `performance.now()` reaches `dueMs`, or until the signal fires; returns at once when it is due. */
export async function waitUntil(dueMs: number, signal: AbortSignal): Promise<void> {
  const waitMs = dueMs - performance.now();
  if (waitMs <= 0 || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(Math.max(waitMs, 1), LONGEST_TIMER_MS));
    signal.addEventListener("abort", done);
  });
}
