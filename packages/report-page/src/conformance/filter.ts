import type { CheckStatus, PageCheck } from "../testkit.js";

/** What the reader has chosen to see; whatever depends on it is notified. */
export class CheckFilter {
  readonly #listeners: (() => void)[] = [];
  readonly #hidden = new Set<CheckStatus>();
  #area = "";
  #text = "";

  /** The area that is shown; empty: all. */
  get area(): string {
    return this.#area;
  }

  /** What is searched for. */
  get text(): string {
    return this.#text;
  }

  isShown(status: CheckStatus): boolean {
    return !this.#hidden.has(status);
  }

  /** Whether a check has the chosen verdict and area, and all words. */
  shows(check: PageCheck): boolean {
    if (this.#hidden.has(check.status) || (this.#area !== "" && check.area !== this.#area)) return false;
    const text = textOf(check);
    return this.#text
      .toLowerCase()
      .split(/\s+/)
      .every((word) => text.includes(word));
  }

  setShown(status: CheckStatus, isShown: boolean): void {
    if (isShown) this.#hidden.delete(status);
    else this.#hidden.add(status);
    this.#notify();
  }

  setArea(area: string): void {
    this.#area = area;
    this.#notify();
  }

  setText(text: string): void {
    this.#text = text;
    this.#notify();
  }

  /** Shows everything. */
  reset(): void {
    this.#hidden.clear();
    this.#area = "";
    this.#text = "";
    this.#notify();
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

function textOf({ id, title, why, source, message, expected, got, deviation }: PageCheck): string {
  return [id, title, why, source, message, expected, got, deviation?.reason].join("\n").toLowerCase();
}
