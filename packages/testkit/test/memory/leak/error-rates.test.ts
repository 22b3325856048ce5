import { expect, test } from "vitest";
import { judgeLeak } from "../../../src/memory/index.js";
import type { LeakOptions } from "../../../src/memory/leak/leak-options.js";
import { createNoise, figures, idleSamples, MIB } from "./samples.js";

const RUNS = 100;
/** As in docs/memory.md: 100,000 jobs, 2 GiB left, and any growth above 1 MiB. */
const SLOW_LEAK = { remainingCycles: 100_000, limitBytes: 2048 * MIB, minGrowthBytes: MIB };
type Noise = () => number;

/** How many of the series are judged to be a leak or a step. The benchmark `verdicts` does the same with more of them. */
const count = (options: LeakOptions, make: (noise: Noise) => readonly number[]) => {
  const found = { leak: 0, step: 0, none: 0, inconclusive: 0 };
  for (let seed = 1; seed <= RUNS; seed++) {
    const noise = createNoise(seed * 2_654_435);
    noise();
    found[judgeLeak(idleSamples(make(noise)), { source: "process-tree", ...options }).status]++;
  }
  return found;
};
const sawTooth = (period: number) => (noise: Noise) => {
  const phase = Math.floor(((noise() + 1) / 2) * period);
  return figures(101, (cycle) => 500 + (200 * ((cycle + phase) % period)) / period + 5 * noise());
};
/** Each point depends on the one before by 0.9; the sum of three draws is close enough to a normal one of variance 1. */
const wandering = (sd: number) => (noise: Noise) => {
  const normal = () => noise() + noise() + noise();
  let offset = normal();
  return figures(101, () => {
    offset = 0.9 * offset + Math.sqrt(0.19) * normal();
    return 500 + sd * offset;
  });
};

test.each<[string, LeakOptions, (noise: Noise) => readonly number[]]>([
  ["a saw-tooth of 60 cycles", {}, sawTooth(60)],
  ["a saw-tooth of 90 cycles", {}, sawTooth(90)],
  ["noise, judged for a slow leak", SLOW_LEAK, (noise) => figures(51, () => 500 + 10 * noise())],
  ["a level that wanders", {}, wandering(40)],
  ["a level that wanders, judged for a slow leak", SLOW_LEAK, wandering(5)],
])("%s is called a leak or a step at most twice in a hundred", (_, options, make) => {
  const { leak, step } = count(options, make);

  expect(leak + step).toBeLessThanOrEqual(2);
});

test.each<[string, LeakOptions, (noise: Noise) => readonly number[]]>([
  ["with noise of ± 20 MiB", {}, (noise) => figures(101, (cycle) => 500 + cycle + 20 * noise())],
  ["at a level of 16 GiB", {}, (noise) => figures(101, (cycle) => 16_384 + cycle + 10 * noise())],
  ["in 50 jobs, judged for a slow leak", SLOW_LEAK, (noise) => figures(51, (cycle) => 500 + cycle + 10 * noise())],
])("a leak of 1 MiB a job is caught at least 95 times in a hundred %s", (_, options, make) => {
  expect(count(options, make).leak).toBeGreaterThanOrEqual(95);
});
