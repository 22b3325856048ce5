import { expect, test } from "vitest";
import type { LoadOptions } from "../../../src/load/index.js";
import { resolveLoadOptions } from "../../../src/load/run/options.js";
import { planPhases } from "../../../src/load/run/phase-plan.js";
import { request } from "../results.js";

function plan(options: Partial<LoadOptions>) {
  return planPhases(
    resolveLoadOptions({ profile: { kind: "serial" }, requests: [request], stop: { count: 10 }, ...options }),
  );
}

test("a run of one load has one phase, with the seed and the bounds of the run", () => {
  expect(plan({ seed: 7, warmup: { count: 2 } })).toMatchObject([
    { step: 0, profile: { kind: "serial" }, stop: { count: 10 }, warmup: { count: 2 }, seed: 7n, progress: undefined },
  ]);
});

test("a sweep has one for each value, each with the bounds and the warm-up of the run", () => {
  const phases = plan({ profile: { kind: "rate-sweep", ratesPerSec: [5, 0.5] }, warmup: { count: 2 } });

  expect(phases).toMatchObject([
    { step: 0, profile: { kind: "constant", ratePerSec: 5 }, stop: { count: 10 }, warmup: { count: 2 } },
    { step: 1, profile: { kind: "constant", ratePerSec: 0.5 }, stop: { count: 10 }, warmup: { count: 2 } },
  ]);
  expect(phases.map(({ progress }) => progress?.label)).toEqual(["5 requests/s", "0.5 requests/s"]);
  expect(new Set(phases.map(({ seed }) => seed)).size).toBe(2);
});

test("rounds divide the requests and the time, and only the first has a warm-up", () => {
  const phases = plan({ rounds: 4, stop: { count: 10, durationMs: 1000 }, warmup: { count: 2 } });

  expect(phases.map(({ stop, warmup }) => [stop.count, stop.durationMs, warmup?.count])).toEqual([
    [3, 250, 2],
    [3, 250, undefined],
    [2, 250, undefined],
    [2, 250, undefined],
  ]);
  expect(phases[3]?.progress).toEqual({ number: 4, count: 4, label: "round 4" });
});

test.each<[Partial<LoadOptions>, string]>([
  [{ rounds: 11 }, "Expected `rounds` to be at most `stop.count`, 10, got `11`"],
  [{ rounds: 2, profile: { kind: "burst", size: 3 } }, "Expected `rounds` to be 1 for the profile `burst`, got `2`"],
  [{ rounds: 0 }, "Expected `rounds` to be a whole number from 1 to 1000, got `0`"],
])("%j is refused", (options, message) => {
  expect(() => plan(options)).toThrow(message);
});
