import { combine, hashSeed, hashText, toUnit } from "worker-orcd-control";

const HALF_STEP = 2 ** -33;

/** A number in (0, 1), exclusive: a pure function of seed, name and index, so that a draw elsewhere does not change it. */
export function draw(seed: bigint, name: string, index: number): number {
  return toUnit(combine(combine(hashSeed(seed), hashText(name)), index)) + HALF_STEP;
}

/** Random numbers in (0, 1) for one request: always the same for the same seed and index. */
export function createRandom(seed: bigint, name: string): () => number {
  let count = 0;
  return () => draw(seed, name, count++);
}
