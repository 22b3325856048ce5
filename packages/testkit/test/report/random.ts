import { createRandom } from "../../src/load/schedule/draws.js";

/** Random numbers that are always the same. */
export function createRandomSource(seed: number): { next: () => number; exponential: () => number } {
  const next = createRandom(BigInt(seed), "sample-run");
  return { next, exponential: () => -Math.log(next()) };
}
