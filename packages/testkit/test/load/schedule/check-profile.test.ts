import { describe, expect, test } from "vitest";
import { checkProfile } from "../../../src/load/schedule/check-profile.js";

const check = (profile: unknown) => () => checkProfile("profile", profile);
const stage = (profile: unknown, durationMs: unknown = 1_000) => ({
  kind: "stages",
  stages: [{ profile, durationMs }],
});
const constant = { kind: "constant", ratePerSec: 5 };

test.each([
  { kind: "serial" },
  { kind: "concurrency", clients: 1 },
  { kind: "concurrency", clients: 100_000 },
  constant,
  { kind: "constant", ratePerSec: 1_000_000 },
  { kind: "poisson", ratePerSec: 0.001 },
  { kind: "burst", size: 1 },
  { kind: "burst", size: 100_000, everyMs: 5 },
  { kind: "ramp", fromPerSec: 0, toPerSec: 5 },
  { kind: "ramp", fromPerSec: 5, toPerSec: 0 },
  stage(constant),
  stage({ kind: "poisson", ratePerSec: 5 }),
  stage({ kind: "burst", size: 5 }),
  stage({ kind: "ramp", fromPerSec: 1, toPerSec: 1 }),
])("%j is accepted", (profile) => {
  expect(check(profile)).not.toThrow();
});

describe("refused", () => {
  const aProfile = 'Expected `profile` to be a profile like { kind: "serial" }, got `';
  const aKind =
    "Expected `profile.kind` to be one of serial, concurrency, constant, poisson, burst, ramp, stages, concurrency-sweep, rate-sweep, got `";
  const aRate = "Expected `profile.ratePerSec` to be a positive number up to 1000000, got `";

  test.each<[unknown, string]>([
    [null, aProfile],
    ["serial", aProfile],
    [undefined, aProfile],
    [{}, aKind],
    [{ kind: "constnat" }, aKind],
    [{ kind: "serial", clients: 2 }, "`clients`"],
    [{ kind: "concurrency" }, "`profile.clients`"],
    [{ kind: "concurrency", clients: 0 }, "`profile.clients`"],
    [{ kind: "concurrency", clients: 100_001 }, "`profile.clients`"],
    [{ kind: "constant" }, aRate],
    [{ kind: "constant", ratePerSec: 0 }, aRate],
    [{ kind: "constant", ratePerSec: "5" }, aRate],
    [{ kind: "poisson", ratePerSec: 1_000_001 }, aRate],
    [{ kind: "burst", size: 0 }, "`profile.size`"],
    [{ kind: "burst", size: 100_001 }, "`profile.size`"],
    [{ kind: "burst", size: 1, everyMs: 0 }, "`profile.everyMs`"],
    [
      { kind: "ramp", fromPerSec: -1, toPerSec: 5 },
      "Expected `profile.fromPerSec` to be a number from 0 to 1000000, got `-1`",
    ],
    [{ kind: "ramp", fromPerSec: 5 }, "Expected `profile.toPerSec` to be a number from 0 to 1000000, got `undefined`"],
    [
      { kind: "ramp", fromPerSec: 0, toPerSec: 0 },
      "Expected `profile` to be a ramp with a rate above zero at one of its ends, got `{ kind: 'ramp', fromPerSec: 0, toPerSec: 0 }`",
    ],
    [
      { kind: "stages" },
      "Expected `profile.stages` to be a list of stages like { profile, durationMs }, got `undefined`",
    ],
    [
      { kind: "stages", stages: [] },
      "Expected `profile.stages` to be a list of stages like { profile, durationMs } with at least one element, got `[]`",
    ],
    [{ kind: "stages", stages: {} }, "Expected `profile.stages` to be a list of stages"],
    [
      { kind: "concurrency-sweep", clients: [1] },
      "`profile.clients` to be from 2 to 100 different values, got `[ 1 ]`",
    ],
    [{ kind: "concurrency-sweep", clients: [2, 2] }, "`profile.clients` to be from 2 to 100 different values"],
    [{ kind: "concurrency-sweep", clients: [1, 0] }, "`profile.clients[1]` to be a whole number from 1 to 100000"],
    [{ kind: "rate-sweep", ratesPerSec: [1, "2"] }, "`profile.ratesPerSec[1]` to be a positive number"],
  ])("%j", (profile, message) => {
    expect(check(profile)).toThrow(message);
  });

  test.each<[unknown, string]>([
    [null, "Expected `profile.stages[1]` to be an object, got `null`"],
    ["fast", 'Expected `profile.stages[1]` to be an object, got `"fast"`'],
    [
      { profile: constant, durationMs: 1, rate: 2 },
      "Expected `profile.stages[1]` to have options among profile, durationMs",
    ],
    [{ profile: constant }, "`profile.stages[1].durationMs`"],
    [
      { profile: { kind: "serial" }, durationMs: 1 },
      'Expected `profile.stages[1].profile.kind` to be one of constant, poisson, burst, ramp, got `"serial"`',
    ],
    [{ profile: null, durationMs: 1 }, "`profile.stages[1].profile`"],
    [{ profile: { kind: "constant", ratePerSec: 0 }, durationMs: 1 }, "`profile.stages[1].profile.ratePerSec`"],
  ])("the second stage %j, with its position", (second, message) => {
    expect(check({ kind: "stages", stages: [{ profile: constant, durationMs: 1 }, second] })).toThrow(message);
  });
});
