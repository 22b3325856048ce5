import type { MemorySample } from "../sample.js";

/** Samples up to a number; beyond it, every second one between the quiet points goes, then every second quiet point. */
export class SampleStore {
  readonly #most: number;
  #samples: MemorySample[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  get samples(): readonly MemorySample[] {
    return this.#samples;
  }

  get last(): MemorySample | undefined {
    return this.#samples.at(-1);
  }

  add(sample: MemorySample): void {
    this.#samples.push(sample);
    if (this.#samples.length <= this.#most) return;
    this.#halve(({ quiet }) => !quiet);
    if (this.#samples.length > this.#most / 2) this.#halve(({ quiet }) => quiet);
  }

  /** The newest one always stays. */
  #halve(applies: (sample: MemorySample) => boolean): void {
    let seen = 0;
    this.#samples = this.#samples.filter(
      (sample, index) => !applies(sample) || index === this.#samples.length - 1 || seen++ % 2 === 0,
    );
  }
}
