import type { RequestRecord } from "./testkit.js";

/** Part of the run, in ms from the start of the phase. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What the reader has chosen; everything that depends on it is notified. */
export class ViewState {
  readonly #listeners: (() => void)[] = [];
  readonly #hidden = new Set<RequestRecord["status"]>();
  #range: TimeRange | undefined;

  /** `undefined`: all of the run. */
  get range(): TimeRange | undefined {
    return this.#range;
  }

  shows(status: RequestRecord["status"]): boolean {
    return !this.#hidden.has(status);
  }

  zoom(range: TimeRange | undefined): void {
    this.#range = range;
    this.#notify();
  }

  setShown(status: RequestRecord["status"], isShown: boolean): void {
    if (isShown) this.#hidden.delete(status);
    else this.#hidden.add(status);
    this.#notify();
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}
