import type { LoadProgress } from "../engine.js";

/** Reduces the progress of a native load to 0, 25, 50, 75 and 100, each reported once and in order. */
export class LoadSteps {
  readonly #report: LoadProgress;
  readonly #left = [0, 25, 50, 75, 100];

  constructor(report: LoadProgress) {
    this.#report = report;
    this.#reach(0);
  }

  /** This fraction of the model file is loaded; 100 % is only reported by {@link finish}. */
  readonly update = (fraction: number): void => this.#reach(Math.min(99, fraction * 100));

  /** Everything is ready, contexts included. */
  finish(): void {
    this.#reach(100);
  }

  #reach(percent: number): void {
    while (this.#left[0] !== undefined && this.#left[0] <= percent) this.#report(this.#left.shift() ?? 100);
  }
}
