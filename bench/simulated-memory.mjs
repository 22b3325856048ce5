// Made-up series of idle points in MiB, from a seeded generator: healthy workers, leaks and jumps.
const MIB = 1024 ** 2;
const LEVEL = 500;

/** The options of the slow leak in docs/memory.md: 100,000 jobs, 2 GiB left, and any growth above 1 MiB. */
export const SLOW_LEAK = { remainingCycles: 100_000, limitBytes: 2048 * MIB, minGrowthBytes: MIB };

/** Idle points at cycle 0, 1, 2 … */
export function toSamples(mebibytes) {
  const fixed = { tookMs: 1, phase: "inference", idle: true, incarnation: 1, worker: "running" };
  return mebibytes.map((value, cycle) => {
    return { ...fixed, atMs: cycle * 10, cycle, bytes: { "process-tree": Math.round(value * MIB) } };
  });
}

const series = (cycles, valueAt) => Array.from({ length: cycles + 1 }, (_, cycle) => valueAt(cycle));
const around = ({ uniform }, width) => width * (2 * uniform() - 1);

/** Memory that a collector releases every `period` cycles, starting anywhere in a period. */
export function sawTooth(draws, { period, height, noise = 5, cycles = 100, slope = 0 }) {
  const phase = Math.floor(draws.uniform() * period);
  return series(cycles, (cycle) => {
    return LEVEL + slope * cycle + (height * ((cycle + phase) % period)) / period + around(draws, noise);
  });
}

/** A level, or a leak of `slope` MiB a cycle, with uniform noise of ± `noise` MiB. */
export function line(draws, { noise, slope = 0, level = LEVEL, cycles = 100 }) {
  return series(cycles, (cycle) => level + slope * cycle + around(draws, noise));
}

/** A level that wanders: each point is 0.9 × the one before plus noise, with a standard deviation of `sd` MiB; a leak on top, if any. */
export function wandering(draws, { sd, slope = 0, cycles = 100 }) {
  let offset = draws.normal();
  return series(cycles, (cycle) => {
    offset = 0.9 * offset + Math.sqrt(0.19) * draws.normal();
    return LEVEL + slope * cycle + sd * offset;
  });
}

/** A level that wanders without ever being drawn back. */
export function randomWalk(draws, { step, cycles = 100 }) {
  let offset = 0;
  return series(cycles, () => LEVEL + (offset += step * draws.normal()));
}

/** One jump of `size` MiB in the kept part. */
export function jump(draws, { size, noise, cycles = 100 }) {
  const at = 40 + Math.floor(draws.uniform() * (cycles - 48));
  return series(cycles, (cycle) => LEVEL + (cycle < at ? 0 : size) + around(draws, noise));
}

/** An allocator that grows by `size` MiB every `period` cycles. */
export function staircase(draws, { size, period, cycles = 100 }) {
  const phase = Math.floor(draws.uniform() * period);
  return series(cycles, (cycle) => LEVEL + size * Math.floor((cycle + phase) / period) + around(draws, 2));
}
