import { expect, test } from "vitest";
import { scheduleArrivals } from "../../../src/load/schedule/arrivals.js";
import type { ArrivalProfile, OpenProfile } from "../../../src/load/schedule/profile.js";

const list = (profile: OpenProfile, durationMs = Infinity) => [...scheduleArrivals(profile, { seed: 1n, durationMs })];
const twice = (profile: ArrivalProfile): OpenProfile => ({
  kind: "stages",
  stages: [
    { profile, durationMs: 1_000 },
    { profile, durationMs: 1_000 },
  ],
});

test("stages are cut by the duration of the run, which is exclusive", () => {
  const given = list(twice({ kind: "constant", ratePerSec: 2 }), 1_500);

  expect(given).toEqual([
    { atMs: 0, stage: 0 },
    { atMs: 500, stage: 0 },
    { atMs: 1_000, stage: 1 },
  ]);
});

test("two random stages of the same kind have different arrivals", () => {
  const given = list(twice({ kind: "poisson", ratePerSec: 20 }));
  const [first, second] = [0, 1].map((wanted) =>
    given.filter(({ stage }) => stage === wanted).map(({ atMs }) => Math.round(atMs % 1_000)),
  );

  expect(first!.length).toBeGreaterThan(5);
  expect(second).not.toEqual(first);
  expect(second![0]).not.toBe(first![0]);
});

test("a ramp that falls to zero ends there", () => {
  const given = list({ kind: "ramp", fromPerSec: 10, toPerSec: 0 }, 1_000);

  expect(given[0]).toEqual({ atMs: 0, stage: 0 });
  expect(given).toHaveLength(5);
});
