import { expect, test } from "vitest";
import { formatTimeMarks } from "../src/format.js";

test("all marks of an axis have the unit that suits the largest", () => {
  expect(formatTimeMarks([0, 250, 500])).toEqual(["0 ms", "250 ms", "500 ms"]);
  expect(formatTimeMarks([0, 500, 1_000])).toEqual(["0 s", "0.5 s", "1 s"]);
  expect(formatTimeMarks([0, 300_000, 600_000])).toEqual(["0 min", "5 min", "10 min"]);
  expect(formatTimeMarks([-1_500, 0])).toEqual(["-1.5 s", "0 s"]);
  expect(formatTimeMarks([])).toEqual([]);
});
