import { describe, expect, test } from "vitest";
import { JUDGE_OPTIONS, type LeakOptions } from "../../../src/memory/leak/leak-options.js";
import { measureGrowth } from "../../../src/memory/leak/measure-growth.js";
import { resolveOptions } from "../../../src/options/index.js";
import type { Point } from "../../../src/memory/leak/theil-sen.js";

const CYCLES = 29;
/** One byte a cycle: 29 bytes over the run. */
const line: readonly Point[] = Array.from({ length: CYCLES + 1 }, (_, x) => ({ x, y: 1_000 + x }));
const measure = (points: readonly Point[], options: LeakOptions = {}) => {
  const all = { source: "process-tree", minGrowthBytes: 1, ...options } as const;
  return measureGrowth(points, { cycles: CYCLES, earlier: [], options: resolveOptions(JUDGE_OPTIONS, all) });
};

describe("a leak needs growth above both limits", () => {
  test.each<[LeakOptions, boolean]>([
    [{ limitBytes: 28, minGrowthBytes: 28 }, true],
    [{ limitBytes: 29, minGrowthBytes: 28 }, false],
    [{ limitBytes: 28, minGrowthBytes: 29 }, false],
    [{ limitBytes: 289, remainingCycles: 290 }, true],
    [{ limitBytes: 290, remainingCycles: 290 }, false],
  ])("%o: %s", (options, isAbove) => {
    expect(measure(line, options)).toMatchObject({ isAbove, setback: undefined, figures: { growthBytes: CYCLES } });
  });

  test("the share of the level at the start counts where it is more", () => {
    const { figures } = measure(line, { minGrowthShare: 0.1 });

    expect(figures.firstMedianBytes).toBe(1_004.5);
    expect(figures.bounds).toEqual({ minGrowthBytes: 100.45, limitBytes: 100.45, remainingCycles: CYCLES });
  });
});

test("points that all lie at one cycle have no growth, not an infinite one", () => {
  const upright = line.map(({ y }) => ({ x: 3, y }));

  expect(measure(upright)).toMatchObject({ isAbove: false, figures: { growthBytes: NaN } });
});
