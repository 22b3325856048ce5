import type { Output } from "./output.js";

const REDRAW_MS = 100;
const PLAIN_STEP_PERCENT = 10;

/** The state of a task in progress. */
export interface ProgressState {
  /** Whole percent, 0..100. */
  readonly percent: number;
  readonly isComplete: boolean;
  /** The line shown on a terminal. */
  readonly drawn: () => string;
  /** The line printed elsewhere. */
  readonly plain: (percent: number) => string;
}

/** Shows progress: on a terminal one line that is redrawn at most ten times a second, otherwise a line every 10 %. */
export class ProgressDisplay {
  readonly #output: Output;
  #drawnAtMs = -Infinity;
  #shownPercent = 0;
  #lineIsOpen = false;
  #isComplete = false;

  constructor(output: Output) {
    this.#output = output;
  }

  /** Percentages that were already done need no plain line. */
  skipTo(percent: number): void {
    this.#shownPercent = percent;
  }

  update(state: ProgressState): void {
    if (this.#output.isTerminal) this.#draw(state);
    else this.#print(state);
  }

  /** Ends the redrawn line. */
  end(): void {
    if (this.#lineIsOpen) this.#output.line();
    this.#lineIsOpen = false;
  }

  #draw({ isComplete, drawn }: ProgressState): void {
    const nowMs = performance.now();
    // The end is drawn immediately and only once: it may be reported many times while the last writes are pending.
    if (this.#isComplete || (!isComplete && nowMs - this.#drawnAtMs < REDRAW_MS)) return;
    this.#isComplete = isComplete;
    this.#drawnAtMs = nowMs;
    this.#lineIsOpen = true;
    this.#output.redraw(drawn());
  }

  #print({ percent, plain }: ProgressState): void {
    if (percent < this.#shownPercent + PLAIN_STEP_PERCENT) return;
    this.#shownPercent = percent - (percent % PLAIN_STEP_PERCENT);
    this.#output.line(plain(this.#shownPercent));
  }
}
