import type { PageTest, PageTestStatus } from "../../testkit.js";

/** Which tests the reader wants to see. */
export class TestFilter {
  readonly #hidden = new Set<PageTestStatus>();
  readonly #listeners: (() => void)[] = [];
  #words: readonly string[] = [];

  shows(test: PageTest): boolean {
    if (this.#hidden.has(test.status)) return false;
    const text = textOf(test);
    return this.#words.every((word) => text.includes(word));
  }

  setShown(status: PageTestStatus, isShown: boolean): void {
    if (isShown) this.#hidden.delete(status);
    else this.#hidden.add(status);
    this.#notify();
  }

  setText(text: string): void {
    this.#words = text.toLowerCase().split(/\s+/);
    this.#notify();
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

const texts = new WeakMap<PageTest, string>();

function textOf(test: PageTest): string {
  const known = texts.get(test);
  if (known !== undefined) return known;
  const { name, file, note, errors, workers } = test;
  const faults = workers.flatMap((worker) => worker.faults.map(({ key }) => key));
  const all = [name, file, note, ...errors.map(({ message }) => message), ...workers.map(({ id }) => id), ...faults];
  const text = all.join("\n").toLowerCase();
  texts.set(test, text);
  return text;
}
