import { describe, expect, test } from "vitest";
import type { PhaseProfile } from "../../../src/load/schedule/profile.js";
import { checkBounded, resolveStop, STOP_RULE, type StopRule } from "../../../src/load/schedule/stop.js";
import { resolveOptions } from "../../../src/options/index.js";

describe("resolveStop()", () => {
  test.each<[StopRule, number | undefined, ReturnType<typeof resolveStop>]>([
    [{}, undefined, { count: Infinity, durationMs: Infinity, errorRate: Infinity }],
    [{}, 7, { count: 7, durationMs: Infinity, errorRate: Infinity }],
    [{ count: 3 }, 7, { count: 3, durationMs: Infinity, errorRate: Infinity }],
    [{ durationMs: 50 }, 7, { count: Infinity, durationMs: 50, errorRate: Infinity }],
    [{ count: 3, durationMs: 50, errorRate: 0 }, undefined, { count: 3, durationMs: 50, errorRate: 0 }],
    [{ errorRate: 0.5 }, 7, { count: 7, durationMs: Infinity, errorRate: 0.5 }],
  ])("%j of a list of %s", (rule, listLength, expected) => {
    expect(resolveStop(rule, listLength)).toEqual(expected);
  });
});

describe("checkBounded()", () => {
  const serial: PhaseProfile = { kind: "serial" };
  const ramp: PhaseProfile = { kind: "ramp", fromPerSec: 1, toPerSec: 2 };
  const check = (profile: PhaseProfile, rule: StopRule) => () =>
    checkBounded("stop", resolveStop(rule, undefined), profile);

  test.each<[PhaseProfile, StopRule]>([
    [serial, { count: 1 }],
    [serial, { durationMs: 1 }],
    [{ kind: "constant", ratePerSec: 1 }, { count: 1 }],
    [{ kind: "burst", size: 3 }, {}],
    [{ kind: "burst", size: 3, everyMs: 5 }, { durationMs: 1 }],
    [{ kind: "stages", stages: [] }, {}],
    [ramp, { durationMs: 5 }],
  ])("%j with %j ends", (profile, rule) => {
    expect(check(profile, rule)).not.toThrow();
  });

  test.each<[PhaseProfile, StopRule]>([
    [serial, {}],
    [{ kind: "concurrency", clients: 2 }, { errorRate: 0.5 }],
    [{ kind: "constant", ratePerSec: 1 }, {}],
    [{ kind: "poisson", ratePerSec: 1 }, {}],
    [{ kind: "burst", size: 3, everyMs: 5 }, {}],
  ])("%j with %j would never end", (profile, rule) => {
    expect(check(profile, rule)).toThrow(
      "Expected `stop` to be bounded by `count` or `durationMs`, got `{ count: Infinity, durationMs: Infinity }`",
    );
  });

  test("a ramp needs a duration, over which its rate changes", () => {
    expect(check(ramp, { count: 5 })).toThrow(
      "Expected `stop` to be a `durationMs`, over which the rate changes, got `{ count: 5, durationMs: Infinity }`",
    );
  });
});

describe("the error rate", () => {
  const read = (errorRate: unknown) => () => resolveOptions(STOP_RULE, { errorRate } as StopRule, "stop");

  test.each([0, 0.5, 0.999])("%j is accepted", (errorRate) => {
    expect(read(errorRate)).not.toThrow();
  });

  test.each([-0.1, 1, NaN, "0.5"])("%j is rejected", (errorRate) => {
    expect(read(errorRate)).toThrow("Expected `stop.errorRate` to be a number from 0 up to 1, got `");
  });
});
