import { expect, test } from "vitest";
import { countPorts, portAt, resolvePortRanges } from "../../../src/launch/ports/port-range.js";

test("the ports are outside the ephemeral range", () => {
  expect(resolvePortRanges({ first: 32_768, last: 60_999 })).toEqual([
    { first: 20_000, last: 32_767 },
    { first: 61_000, last: 65_535 },
  ]);
  expect(resolvePortRanges({ first: 49_152, last: 65_535 })).toEqual([{ first: 20_000, last: 49_151 }]);
});

test("an ephemeral range that leaves no room is ignored", () => {
  expect(resolvePortRanges({ first: 1_024, last: 65_535 })).toEqual([{ first: 20_000, last: 65_535 }]);
});

test("an index runs through all ranges and wraps around", () => {
  const ranges = [
    { first: 10, last: 12 },
    { first: 20, last: 21 },
  ];
  expect(countPorts(ranges)).toBe(5);
  expect([0, 1, 2, 3, 4, 5, 11].map((index) => portAt(ranges, index))).toEqual([10, 11, 12, 20, 21, 10, 11]);
});
