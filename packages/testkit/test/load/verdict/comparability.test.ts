import { describe, expect, test } from "vitest";
import type { LoadResult } from "../../../src/load/index.js";
import { findObstacles } from "../../../src/load/verdict/comparability.js";
import { COMPARE_OPTIONS } from "../../../src/load/verdict/compare-options.js";
import { interleave } from "../../../src/load/verdict/interleave.js";
import { resolveOptions } from "../../../src/options/index.js";
import { makeRecords, makeResult } from "../results.js";

const options = resolveOptions(COMPARE_OPTIONS, {});
const obstacles = (baseline: LoadResult, current: LoadResult) => {
  const sides = { baseline: [baseline], current: [current] };
  return findObstacles(sides, sides, options);
};

describe("responses of a different length", () => {
  const withTokens = (tokensOut: number) => makeResult(makeRecords(20, () => ({ tokensOut })));

  test.each([
    [100, 80, 0],
    [80, 100, 0],
    [100, 79, 1],
    [100, 82, 0],
    [82, 100, 0],
  ])("a median of %i and %i tokens: %i obstacles", async (before, after, count) => {
    expect(obstacles(await withTokens(before), await withTokens(after))).toHaveLength(count);
  });

  test("only ok requests count", async () => {
    const failing = await makeResult(
      makeRecords(20, (index) => (index < 15 ? { status: "truncated", tokensOut: null, contentEventCount: 1 } : {})),
    );

    expect(obstacles(failing, await makeResult(makeRecords(20)))).toEqual([]);
  });

  test("without any ok request, the length is not mentioned", async () => {
    const none = await makeResult(makeRecords(20, () => ({ status: "truncated", tokensOut: null })));

    expect(obstacles(none, await makeResult(makeRecords(20)))).toEqual([]);
  });
});

test("a warm-up on both sides is not an obstacle, however long", async () => {
  const warm = async (attempted: number) => {
    const run = await makeResult(makeRecords(20));
    return { ...run, plan: { ...run.plan, warmup: { count: attempted } } };
  };

  expect(obstacles(await warm(5), await warm(9))).toEqual([]);
  expect(obstacles(await makeResult(makeRecords(20)), await warm(9))).toEqual([
    "some runs had a warm-up, others did not",
  ]);
});

test("every reason why the runs of a side are invalid is given once", async () => {
  const invalid = await makeResult(makeRecords(20), {
    client: { cpuShare: 1 },
    ended: { by: "stall", message: "over" },
  });
  const given = { baseline: [invalid, invalid], current: [invalid] };

  const [baseline, current] = findObstacles(given, { baseline: [], current: [] }, options);

  expect(baseline).toBe(
    "no baseline run is valid: the run is partial (stall): over; " +
      "a client thread used 100 % of a core, expected below 80 %: raise `clientThreads`",
  );
  expect(current).toMatch(/^no current run is valid: /);
});

test("interleave() rejects anything other than a function before any run", async () => {
  let runCount = 0;
  const run = () => {
    runCount += 1;
    return Promise.reject(new Error("ran"));
  };

  await expect(interleave(run, {} as never)).rejects.toThrow(
    "Expected `b` to be a function that makes a run, got `{}`",
  );
  expect(runCount).toBe(0);
});
