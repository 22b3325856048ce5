import type { Output } from "./output.js";

const REDRAW_MS = 100;
const PLAIN_STEP_PERCENT = 10;

/** How far something is. */
export interface ProgressState {
  /** Whole percent, 0..100. */
  readonly percent: number;
  readonly isComplete: boolean;
  /** What a terminal shows, one line. */
  readonly drawn: () => string;
  /** What is printed elsewhere. */
  readonly plain: (percent: number) => string;
}

/** Shows progress: one line that is drawn again on a terminal, at most ten times a second; elsewhere a line every 10 %. */
export class ProgressDisplay {
  readonly #output: Output;
  #drawnAtMs = -Infinity;
  #shownPercent = 0;
  #lineIsOpen = false;
  #isComplete = false;

  constructor(output: Output) {
    this.#output = output;
  }

  /** What is done already needs no plain line any more. */
  skipTo(percent: number): void {
    this.#shownPercent = percent;
  }

  update(state: ProgressState): void {
    if (this.#output.isTerminal) this.#draw(state);
    else this.#print(state);
  }

  /** Ends the line that is drawn again. */
  end(): void {
    if (this.#lineIsOpen) this.#output.line();
    this.#lineIsOpen = false;
  }

  #draw({ isComplete, drawn }: ProgressState): void {
    const nowMs = performance.now();
    // The end is drawn at once, and once: while the last writes are on their way, it may be reported many times.
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
