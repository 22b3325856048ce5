import { describe, expect, test } from "vitest";
import { CATALOGUE } from "../../../src/conformance/catalogue.js";
import { planConformance, type ConformanceOptions } from "../../../src/conformance/run/options.js";

const idsOf = (options: ConformanceOptions): string[] => planConformance(options).checks.map(({ id }) => id);

test("each level includes the ones before", () => {
  const [smoke, standard, full] = [idsOf({ level: "smoke" }), idsOf({ level: "standard" }), idsOf({ level: "full" })];
  expect(smoke.length).toBeGreaterThan(0);
  expect(standard).toEqual(expect.arrayContaining(smoke));
  expect(full).toEqual(CATALOGUE.map(({ id }) => id));
  expect(idsOf({})).toEqual(standard);
});

test("`only` takes ids, areas and patterns, whatever the level", () => {
  expect(idsOf({ only: ["length.one-token"], level: "smoke" })).toEqual(["length.one-token"]);
  expect(idsOf({ only: ["stop"] })).toEqual(idsOf({ only: ["stop.*"] }));
  expect(idsOf({ only: ["stop.*", "length.one-token"] }).every((id) => /^stop\.|^length\.one/.test(id))).toBe(true);
});

describe("what no check has is refused with the nearest name", () => {
  test.each<[ConformanceOptions, string]>([
    [{ only: ["stopp"] }, "Expected `only` to name a check or an area, got `stopp`; did you mean `stop`?"],
    [{ only: ["length.one-tokens"] }, "did you mean `length.one-token`?"],
    [{ only: ["stop.+"] }, "got `stop.+`"],
    [
      { skip: { "length.one-tokn": "why" } },
      "Expected `skip` to name a check or an area, got `length.one-tokn`; did you mean `length.one-token`?",
    ],
    [{ skip: { "length.one-token": "" } }, "Expected `skip.length.one-token` to be a string that is not empty"],
    [
      { profile: { deviations: { "ready.none": { reason: "x" } } } },
      "Expected `profile.deviations` to name a check or an area",
    ],
    [{ profile: { slot: 1 } as never }, "got `slot`; did you mean `slots`?"],
    [{ profile: { determinism: ["always" as never] } }, "Expected `profile.determinism[0]` to be"],
    [{ profile: { deviations: { "length.one-token": {} as never } } }, "deviations.length.one-token.reason"],
    [{ level: "fast" as never }, 'Expected `level` to be "smoke", "standard" or "full"'],
    [{ baseline: {} as never }, "Expected `baseline` to be a conformance report"],
  ])("%j", (options, message) => {
    expect(() => planConformance(options)).toThrow(message);
  });
});
