import { ItlHistogram } from "../metrics/itl-histogram.js";

/** The inter-token latencies of a phase, and those of each of its steps. */
export class StepHistograms {
  readonly all: ItlHistogram;
  readonly steps: readonly ItlHistogram[];
  readonly #startsMs: readonly number[];

  private constructor(all: ItlHistogram, steps: readonly ItlHistogram[], startsMs: readonly number[]) {
    this.all = all;
    this.steps = steps;
    this.#startsMs = startsMs;
  }

  /** @param startsMs where the steps begin, in ms from the start of the phase. */
  static async create(startsMs: readonly number[] = []): Promise<StepHistograms> {
    const all = await ItlHistogram.create();
    return new StepHistograms(all, await Promise.all(startsMs.map(() => ItlHistogram.create())), startsMs);
  }

  /** Adds the latencies of one request. @param times when its content arrived. @param schedMs when the request was due. */
  add(times: readonly number[], schedMs: number): void {
    const step = this.steps[this.#startsMs.findLastIndex((startMs) => startMs <= schedMs)];
    for (let index = 1; index < times.length; index += 1) {
      const itlMs = (times[index] ?? 0) - (times[index - 1] ?? 0);
      this.all.add(itlMs);
      step?.add(itlMs);
    }
  }
}
