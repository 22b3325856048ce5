import type { MemorySample } from "../sample.js";

/**
 * Keeps a limited number of samples. Beyond that, every second one between idle points is dropped, and from then on only every
 * second new one is kept, so that the density is the same everywhere. Idle points are thinned out only if they alone exceed the
 * limit.
 */
export class SampleStore {
  readonly #most: number;
  #kept: MemorySample[] = [];
  /** Of the samples between idle points, every nth is kept. */
  #stride = 1;
  #seenCount = 0;
  /** The newest sample, if it was not kept, so that the current state is always included. */
  #newest: MemorySample | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  get samples(): readonly MemorySample[] {
    return this.#newest === undefined ? [...this.#kept] : [...this.#kept, this.#newest];
  }

  add(sample: MemorySample): void {
    const isKept = sample.idle || this.#seenCount++ % this.#stride === 0;
    this.#newest = isKept ? undefined : sample;
    if (isKept) this.#kept.push(sample);
    if (this.#kept.length >= this.#most) this.#thinOut();
  }

  #thinOut(): void {
    this.#stride *= 2;
    this.#seenCount = 0;
    this.#newest = this.#kept.at(-1)?.idle === false ? this.#kept.pop() : undefined;
    this.#halve(({ idle }) => !idle);
    const idleCount = this.#kept.filter(({ idle }) => idle).length;
    if (idleCount > this.#most / 2) this.#halve(({ idle }) => idle);
  }

  #halve(applies: (sample: MemorySample) => boolean): void {
    let seen = 0;
    this.#kept = this.#kept.filter((sample) => !applies(sample) || seen++ % 2 === 0);
  }
}
