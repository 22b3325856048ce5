import { describe, expect, test } from "vitest";
import { COMPARE_OPTIONS, type CompareOptions } from "../../../src/load/verdict/compare-options.js";
import { resolveOptions } from "../../../src/options/index.js";

const resolve = (options: unknown) => resolveOptions(COMPARE_OPTIONS, options as CompareOptions);

test("the defaults", () => {
  expect(resolve({})).toEqual({
    tolerance: 0.1,
    tailTolerance: 0.25,
    errorTolerance: 0,
    resolutionMs: 1,
    alpha: 0.02,
    allow: [],
  });
});

test.each([
  { tolerance: 0 },
  { tailTolerance: 1_000_000 },
  { errorTolerance: 1 },
  { resolutionMs: 0 },
  { alpha: 1e-9 },
  { alpha: 0.499 },
  { allow: ["cpu", "workerVersion"] },
])("%j is accepted", (options) => {
  expect(resolve(options)).toMatchObject(options);
});

describe("refused", () => {
  test.each([0, 0.5, -0.1, NaN, "0.01", null])("alpha %j", (alpha) => {
    expect(() => resolve({ alpha })).toThrow("Expected `alpha` to be a number above 0 and below 0.5, got `");
  });

  test.each([
    [{ tolerance: -0.1 }, "`tolerance`"],
    [{ tailTolerance: Infinity }, "`tailTolerance`"],
    [{ resolutionMs: -1 }, "`resolutionMs`"],
    [{ allow: "cpu" }, "Expected `allow` to be a list of cpu, cores, memoryBytes"],
    [{ allow: ["gpus"] }, "`allow[0]`"],
  ])("%j", (options, message) => {
    expect(() => resolve(options)).toThrow(message);
  });
});
