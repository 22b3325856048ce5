import type { ExecuteRequest } from "inference-worker-protocol";
import { describe, expect, test } from "vitest";
import type { LoadResult } from "../../../src/load/index.js";
import { findObstacles } from "../../../src/load/verdict/comparability.js";
import { COMPARE_OPTIONS } from "../../../src/load/verdict/compare-options.js";
import { interleave } from "../../../src/load/verdict/interleave.js";
import { resolveOptions } from "../../../src/options/index.js";
import type { ExecuteBody } from "../../../src/client/index.js";
import { WorkloadSample } from "../../../src/load/workload.js";
import { makeTestRequest } from "../../../src/requests/index.js";
import { makeRecords, makeResult } from "../results.js";

const options = resolveOptions(COMPARE_OPTIONS, {});
const obstacles = (baseline: LoadResult, current: LoadResult) => {
  const sides = { baseline: [baseline], current: [current] };
  return findObstacles(sides, sides, options).reasons;
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
  expect(obstacles(await makeResult(makeRecords(20)), await warm(9))).toEqual(["the warm-up differs: none and some"]);
});

describe("what the requests asked for", () => {
  const withWork = async (requests: readonly ExecuteBody[], seed = 0) => {
    const work = new WorkloadSample();
    for (const one of requests) work.add(one);
    const run = await makeResult(makeRecords(20), { options: { seed } });
    return { ...run, workload: work.describe("orcd") };
  };
  const requests = (text: string, fields: Partial<ExecuteRequest> = {}) =>
    Array.from({ length: 40 }, (_, index) => ({
      ...makeTestRequest(`job-${index}`, `${text} ${index}`, 5),
      ...fields,
    }));

  test("is the same with other job ids and seeds of sampling", async () => {
    const others = requests("Hello", { job_id: "other", seed: 7 });

    expect(obstacles(await withWork(requests("Hello")), await withWork(others))).toEqual([]);
  });

  test("another prompt of the same length is an obstacle, with both sides", async () => {
    const [baseline, current] = [await withWork(requests("Hello")), await withWork(requests("World"))];
    const sides = { baseline: [baseline], current: [current] };

    expect(findObstacles(sides, sides, options)).toEqual({
      reasons: [expect.stringMatching(/^the set of prompts differs: SHA-256 .{12}…, 7 to 8 characters, median 8 and /)],
      differences: [
        {
          name: "workload.prompts",
          label: "set of prompts",
          baseline: expect.stringContaining(baseline.workload!.prompts.sha256.slice(0, 12)) as string,
          current: expect.stringContaining(current.workload!.prompts.sha256.slice(0, 12)) as string,
        },
      ],
    });
  });

  test("prompts made from another seed may differ, but not in length", async () => {
    const seeded = await withWork(requests("World"), 1);
    const longer = await withWork(requests("A prompt that is a good deal longer"), 1);

    expect(obstacles(await withWork(requests("Hello")), seeded)).toEqual([]);
    expect(obstacles(await withWork(requests("Hello")), longer)).toEqual([
      "the median length of the prompts in characters differs: 8 and 38",
    ]);
  });

  test.each<[string, Partial<ExecuteRequest>, string]>([
    ["max_tokens", { max_tokens: 6 }, "the maximum number of tokens differs: "],
    ["a sampling field", { temperature: 0.1 }, "the sampling differs: "],
  ])("another %s is an obstacle", async (_, fields, reason) => {
    expect(obstacles(await withWork(requests("Hello")), await withWork(requests("Hello", fields)))).toEqual([
      expect.stringContaining(reason),
    ]);
  });

  test("a run of an older release, which did not record it, is comparable", async () => {
    expect(obstacles(await makeResult(makeRecords(20)), await withWork(requests("Hello")))).toEqual([]);
  });
});

test("another number of parallel jobs is an obstacle, unless a side did not record it", async () => {
  const parallel = (parallelism: number) => makeResult(makeRecords(20), { options: { machine: { parallelism } } });
  const { parallelism: _parallelism, ...machine } = (await parallel(4)).machine;
  const old = { ...(await parallel(4)), machine };

  expect(obstacles(await parallel(4), await parallel(2))).toEqual(["the parallelism differs: 4 and 2"]);
  expect(obstacles(old, await parallel(2))).toEqual([]);
});

test("every reason why the runs of a side are invalid is given once", async () => {
  const invalid = await makeResult(makeRecords(20), {
    client: { cpuShare: 1 },
    ended: { by: "stall", message: "over" },
  });
  const given = { baseline: [invalid, invalid], current: [invalid] };

  const [baseline, current] = findObstacles(given, { baseline: [], current: [] }, options).reasons;

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
