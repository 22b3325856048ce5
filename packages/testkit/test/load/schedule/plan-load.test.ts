import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isTestkitError } from "../../../src/errors/index.js";
import type { PhaseProfile } from "../../../src/load/schedule/profile.js";
import { planLoad } from "../../../src/load/schedule/plan-load.js";
import { checkProfile } from "../../../src/load/schedule/check-profile.js";
import { checkBounded, resolveStop } from "../../../src/load/schedule/stop.js";

/** The times of a schedule, in ms. */
function times(profile: PhaseProfile, bounds: { count?: number; durationMs?: number }, seed = 1n): number[] {
  const schedule = planLoad(profile, { count: Infinity, durationMs: Infinity, ...bounds }, seed);
  if (schedule.kind === "closed") throw new Error("expected a schedule of times");
  return schedule.arrivals.map(({ atMs }) => atMs);
}

/** The statistic of Kolmogorov and Smirnov for the gaps against the exponential distribution. */
function distanceFromExponential(given: readonly number[], ratePerSec: number): number {
  const gaps = given.map((atMs, index) => atMs - (given[index - 1] ?? 0)).sort((a, b) => a - b);
  const distances = gaps.map((gap, index) => {
    const expected = 1 - Math.exp((-gap * ratePerSec) / 1000);
    return Math.max(Math.abs(expected - index / gaps.length), Math.abs((index + 1) / gaps.length - expected));
  });
  return Math.max(...distances);
}

describe("constant", () => {
  test("is evenly spaced from 0, with the last time as exact as the first", () => {
    const given = times({ kind: "constant", ratePerSec: 3 }, { count: 100_001 });

    expect(given.slice(0, 4)).toEqual([0, 1000 / 3, 2000 / 3, 1000]);
    expect(given[99_999]).toBe(33_333_000);
    expect(given).toHaveLength(100_001);
  });

  test("ends before the duration, which is exclusive", () => {
    expect(times({ kind: "constant", ratePerSec: 10 }, { durationMs: 300 })).toEqual([0, 100, 200]);
  });
});

describe("poisson", () => {
  const profile = { kind: "poisson", ratePerSec: 50 } as const;

  /** 1.63 / √n is the bound at a significance of 1 %; the seeds are fixed, so that nothing here fails by chance. */
  const isExponential = (given: readonly number[], ratePerSec: number) =>
    distanceFromExponential(given, ratePerSec) < 1.63 / Math.sqrt(given.length);

  test("the gaps are exponential by the Kolmogorov–Smirnov test", () => {
    expect(isExponential(times(profile, { count: 20_000 }, 7n), 50)).toBe(true);
    expect(isExponential(times(profile, { count: 20_000 }, 8n), 50)).toBe(true);
  });

  test("the same test detects even spacing and a rate that is 4 % off", () => {
    expect(isExponential(times({ kind: "constant", ratePerSec: 50 }, { count: 20_000 }), 50)).toBe(false);
    expect(isExponential(times(profile, { count: 20_000 }, 7n), 52)).toBe(false);
  });

  test("counts per window have a variance equal to their mean, and adjacent gaps are independent", () => {
    const given = times(profile, { durationMs: 400_000 }, 3n);
    const windows = new Array<number>(400).fill(0);
    for (const atMs of given) windows[Math.floor(atMs / 1000)]! += 1;
    const mean = given.length / 400;
    const variance = windows.reduce((sum, count) => sum + (count - mean) ** 2, 0) / 399;
    const gaps = given.slice(1).map((atMs, index) => atMs - given[index]!);
    const gapMean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const product = gaps.slice(1).reduce((sum, gap, index) => sum + (gap - gapMean) * (gaps[index]! - gapMean), 0);
    const square = gaps.reduce((sum, gap) => sum + (gap - gapMean) ** 2, 0);

    expect(mean).toBeGreaterThan(49);
    expect(mean).toBeLessThan(51);
    expect(variance / mean).toBeGreaterThan(0.8);
    expect(variance / mean).toBeLessThan(1.2);
    expect(Math.abs(product / square)).toBeLessThan(0.03);
  });
});

describe("burst", () => {
  test("is sent all at once, and once", () => {
    expect(times({ kind: "burst", size: 3 }, { durationMs: 10_000 })).toEqual([0, 0, 0]);
  });

  test("repeats if `everyMs` is given", () => {
    expect(times({ kind: "burst", size: 2, everyMs: 500 }, { durationMs: 1001 })).toEqual([0, 0, 500, 500, 1000, 1000]);
  });
});

describe("ramp", () => {
  test.each([
    [0, 20],
    [20, 0],
    [5, 15],
  ])("from %d to %d requests per second: by time t, the integral of the rate has been sent", (fromPerSec, toPerSec) => {
    const given = times({ kind: "ramp", fromPerSec, toPerSec }, { durationMs: 10_000 });
    for (const tSec of [2.5, 5, 7.5, 10]) {
      const integral = fromPerSec * tSec + ((toPerSec - fromPerSec) * tSec ** 2) / 20;
      const sent = given.filter((atMs) => atMs < tSec * 1000).length;
      expect(Math.abs(sent - integral)).toBeLessThanOrEqual(1);
    }
    expect(given[0]).toBe(0);
  });
});

test("stages follow each other, each with its number", () => {
  const profile = {
    kind: "stages",
    stages: [
      { profile: { kind: "constant", ratePerSec: 10 }, durationMs: 200 },
      { profile: { kind: "burst", size: 2 }, durationMs: 300 },
      { profile: { kind: "constant", ratePerSec: 5 }, durationMs: 400 },
    ],
  } as const;

  expect(planLoad(profile, { count: Infinity, durationMs: Infinity }, 1n)).toEqual({
    kind: "open",
    arrivals: [
      { atMs: 0, stage: 0 },
      { atMs: 100, stage: 0 },
      { atMs: 200, stage: 1 },
      { atMs: 200, stage: 1 },
      { atMs: 500, stage: 2 },
      { atMs: 700, stage: 2 },
    ],
  });
});

test("a closed loop has an order and no times", () => {
  const bounds = { count: 9, durationMs: Infinity };

  expect(planLoad({ kind: "serial" }, bounds, 1n)).toEqual({ kind: "closed", clients: 1, ...bounds });
  expect(planLoad({ kind: "concurrency", clients: 4 }, bounds, 1n)).toEqual({ kind: "closed", clients: 4, ...bounds });
});

const arrivalProfile = fc.oneof(
  fc.record({ kind: fc.constant("constant" as const), ratePerSec: fc.double({ min: 0.1, max: 500, noNaN: true }) }),
  fc.record({ kind: fc.constant("poisson" as const), ratePerSec: fc.double({ min: 0.1, max: 500, noNaN: true }) }),
  fc.record({
    kind: fc.constant("burst" as const),
    size: fc.integer({ min: 1, max: 50 }),
    everyMs: fc.integer({ min: 1, max: 500 }),
  }),
  fc.record({
    kind: fc.constant("ramp" as const),
    fromPerSec: fc.double({ min: 0, max: 200, noNaN: true }),
    toPerSec: fc.double({ min: 0.1, max: 200, noNaN: true }),
  }),
);

describe("laws of every schedule", () => {
  test("the same seed gives the same schedule; times never decrease, start at 0 or later and end before the duration", () => {
    fc.assert(
      fc.property(arrivalProfile, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (profile, seed) => {
        const given = times(profile, { count: 300, durationMs: 2000 }, seed);
        expect(times(profile, { count: 300, durationMs: 2000 }, seed)).toEqual(given);
        expect([...given].sort((a, b) => a - b)).toEqual(given);
        expect(given.every((atMs) => atMs >= 0 && atMs < 2000)).toBe(true);
      }),
    );
  });

  test("a shorter run is the beginning of a longer one", () => {
    const profile = { kind: "poisson", ratePerSec: 100 } as const;

    expect(times(profile, { count: 500 }).slice(0, 50)).toEqual(times(profile, { count: 50 }));
    expect(times(profile, { count: 50 }, 1n)).not.toEqual(times(profile, { count: 50 }, 2n));
  });
});

describe("rejected, naming the invalid field", () => {
  test.each<[unknown, string]>([
    [undefined, "Expected `profile` to be a profile"],
    [{ kind: "steady" }, "Expected `profile.kind` to be one of serial, concurrency"],
    [{ kind: "constant", rate: 5 }, "got `rate`"],
    [{ kind: "constant", ratePerSec: 0 }, "Expected `profile.ratePerSec` to be a positive number"],
    [{ kind: "poisson", ratePerSec: NaN }, "`profile.ratePerSec`"],
    [{ kind: "concurrency", clients: 0.5 }, "Expected `profile.clients` to be a whole number"],
    [{ kind: "burst", size: 0 }, "`profile.size`"],
    [{ kind: "burst", size: 1, everyMs: 0 }, "`profile.everyMs`"],
    [{ kind: "ramp", fromPerSec: 0, toPerSec: 0 }, "a ramp with a rate above zero"],
    [{ kind: "stages", stages: [] }, "Expected `profile.stages` to be a list of stages"],
    [{ kind: "stages", stages: [3] }, "Expected `profile.stages[0]` to be an object, got `3`"],
    [
      { kind: "stages", stages: [{ profile: { kind: "ramp", fromPerSec: 0, toPerSec: 0 }, durationMs: 5 }] },
      "a ramp with",
    ],
    [{ kind: "stages", stages: [{ profile: { kind: "stages" }, durationMs: 5 }] }, "`profile.stages[0].profile.kind`"],
    [{ kind: "serial", clients: 5 }, "Expected `profile` to have options among kind, got `clients`"],
    [{ kind: "burst", sise: 1 }, "got `sise`; did you mean `size`?"],
    [{ kind: "constant", ratePerSec: 2_000_000 }, "a positive number up to 1000000"],
    [{ kind: "constructor" }, "`profile.kind`"],
    [[], "Expected `profile` to be a profile"],
    [{ kind: "stages", stages: [{ profile: { kind: "serial" }, durationMs: 5 }] }, "`profile.stages[0].profile.kind`"],
    [{ kind: "stages", stages: [{ profile: { kind: "burst", size: 1 } }] }, "`profile.stages[0].durationMs`"],
  ])("%j", (profile, message) => {
    expect(() => checkProfile("profile", profile)).toThrow(message);
  });

  test.each<[object, PhaseProfile, string]>([
    [{}, { kind: "serial" }, "Expected `stop` to be bounded by `count` or `durationMs`"],
    [{}, { kind: "burst", size: 2, everyMs: 5 }, "bounded by"],
    [{ count: 5 }, { kind: "ramp", fromPerSec: 1, toPerSec: 2 }, "a `durationMs`, over which the rate changes"],
  ])("stop %j", (stop, profile, message) => {
    expect(() => checkBounded("stop", resolveStop(stop, undefined), profile)).toThrow(message);
  });

  test("more requests than fit into memory", () => {
    const plan = () => planLoad({ kind: "constant", ratePerSec: 1e6 }, { count: Infinity, durationMs: 2000 }, 1n);

    expect(plan).toThrow(expect.toSatisfy((error) => isTestkitError(error, "INVALID_OPTION")));
  });
});
