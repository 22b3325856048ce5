import type { MemorySample } from "../../../src/memory/sample.js";

export const MIB = 1024 ** 2;

/** An idle point of `process-tree` for each figure (in MiB), at cycle 0, 1, 2 … */
export function idleSamples(mebibytes: readonly number[], fields: Partial<MemorySample> = {}): MemorySample[] {
  return mebibytes.map((figure, cycle) => ({
    atMs: cycle * 10,
    tookMs: 1,
    phase: "inference",
    idle: true,
    cycle,
    incarnation: 1,
    worker: "running",
    bytes: { "process-tree": figure * MIB, "gpu-device": figure * MIB },
    ...fields,
  }));
}

/** So many figures, each a function of its cycle. */
export function figures(count: number, figure: (cycle: number) => number): number[] {
  return Array.from({ length: count }, (_, cycle) => figure(cycle));
}

/** Repeatable noise between −1 and 1, uniform (a linear congruential generator). */
export function createNoise(seed = 1): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}
