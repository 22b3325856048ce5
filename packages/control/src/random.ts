/**
 * Seeded, named random numbers: every draw is a pure function of (seed, name, index), so that an additional draw never
 * changes another one. Mixing is the 32-bit finalizer of MurmurHash3 (public domain, Austin Appleby).
 */
export function mix32(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Folds another 32-bit value into a hash. */
export function combine(hash: number, value: number): number {
  return combineMixed(hash, mix32(value));
}

/** The same for a value already passed through {@link mix32}, for when many hashes use the same values. */
export function combineMixed(hash: number, mixed: number): number {
  return mix32(Math.imul(hash, 0x9e3779b1) + mixed);
}

/** Hashes a text to 32 bits (FNV-1a over UTF-16 code units, finalized). */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return mix32(hash);
}

/** Hashes all 64 bits of a seed to 32 bits. */
export function hashSeed(seed: bigint): number {
  const low = Number(seed & 0xffff_ffffn);
  const high = Number(seed >> 32n);
  return combine(mix32(low ^ 0x5bd1e995), high);
}

/** A hash as a number in [0, 1). */
export function toUnit(hash: number): number {
  return hash / 4_294_967_296;
}
