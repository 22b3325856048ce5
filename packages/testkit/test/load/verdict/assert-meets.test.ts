import { describe, expect, test } from "vitest";
import { isTestkitError, type TestkitErrorCode } from "../../../src/errors/index.js";
import {
  assertMeets,
  judgeLimits,
  type LoadResult,
  type RequestRecord,
  type RunLimits,
} from "../../../src/load/index.js";
import { collectVerdicts } from "../../../src/report/verdicts.js";
import { makeRecords, makeResult } from "../results.js";

/** 1000 requests: TTFT 50 ms for nine of ten, else 80 ms; TPOT 10 ms; 2 errors. */
function makeRun(facts: Parameters<typeof makeResult>[1] = {}): Promise<LoadResult> {
  const records = makeRecords(1000, (index) => {
    const firstMs = index * 10 + (index % 10 === 0 ? 80 : 50);
    return { firstMs, lastMs: firstMs + 200, status: index === 500 || index === 501 ? "truncated" : "ok" };
  });
  return makeResult(records, { itlMs: new Array<number>(1000).fill(10), ...facts });
}

function codeOf(result: LoadResult, limits: RunLimits): TestkitErrorCode | undefined {
  try {
    assertMeets(result, limits);
    return undefined;
  } catch (error) {
    if (!isTestkitError(error)) throw error;
    return error.code;
  }
}

describe("assertMeets()", () => {
  test.each<[string, RunLimits, RunLimits]>([
    ["ttft p50", { ttft: { p50: 50 } }, { ttft: { p50: 49.9 } }],
    ["ttft p99", { ttft: { p99: 80 } }, { ttft: { p99: 79 } }],
    ["ttft max", { ttft: { max: 80 } }, { ttft: { max: 79 } }],
    ["ttft mean", { ttft: { mean: 54 } }, { ttft: { mean: 51 } }],
    ["tpot p95", { tpot: { p95: 10 } }, { tpot: { p95: 9 } }],
    ["e2e p90", { e2e: { p90: 280 } }, { e2e: { p90: 240 } }],
    ["itl p50", { itl: { p50: 10.01 } }, { itl: { p50: 9 } }],
    ["longestStall p50", { longestStall: { p50: 11 } }, { longestStall: { p50: 10 } }],
    ["requestThroughput", { requestThroughput: 90 }, { requestThroughput: 110 }],
    ["tokenThroughput", { tokenThroughput: 2000 }, { tokenThroughput: 2200 }],
    ["goodputRatio", { goodputRatio: 0.998 }, { goodputRatio: 0.999 }],
    ["errors", { errors: 2 }, { errors: 1 }],
    ["errorRate", { errorRate: 0.002 }, { errorRate: 0.001 }],
  ])("%s: met and missed", async (_, holds, fails) => {
    const result = await makeRun();

    expect(codeOf(result, { errors: 2, ...holds })).toBeUndefined();
    expect(codeOf(result, { errors: 2, ...fails })).toBe("LOAD_LIMIT_MISSED");
  });

  test("too few samples never pass and have their own code; a missed limit takes precedence", async () => {
    const result = await makeResult(makeRecords(100));

    expect(codeOf(result, { ttft: { p90: 60 } })).toBeUndefined();
    expect(codeOf(result, { ttft: { p90: 60, p95: 60 } })).toBe("LOAD_NOT_ENOUGH_SAMPLES");
    expect(codeOf(result, { ttft: { p90: 10, p95: 60 } })).toBe("LOAD_LIMIT_MISSED");
  });

  test("no errors are allowed unless the limits concern errors", async () => {
    const result = await makeRun();

    expect(codeOf(result, { ttft: { p50: 200 } })).toBe("LOAD_LIMIT_MISSED");
    for (const allowed of [{ errors: 2 }, { errorRate: 0.01 }, { goodputRatio: 0.9 }]) {
      expect(codeOf(result, { ttft: { p50: 200 }, ...allowed })).toBeUndefined();
    }
  });

  test("a run without one ok request never passes, however many errors are allowed", async () => {
    const failed = await makeResult(makeRecords(5, () => ({ status: "worker-error" })));
    const one = await makeResult(makeRecords(5, (index) => ({ status: index === 0 ? "ok" : "worker-error" })));

    for (const limits of [{ errors: 5 }, { errorRate: 1 }, { goodputRatio: 0 }]) {
      expect(codeOf(failed, limits)).toBe("LOAD_LIMIT_MISSED");
      expect(codeOf(one, limits)).toBeUndefined();
    }
    expect(() => assertMeets(failed, { errors: 5 })).toThrow("MISSED ok requests at least 1 request: got 0");
  });

  test("a run whose answers are all empty says what the model may need", async () => {
    const hint = "the model ended at once (EOS): it may need its chat template";
    const resultOf = (statuses: readonly RequestRecord["status"][]) =>
      makeResult(makeRecords(statuses.length, (index) => ({ status: statuses[index]! })));

    for (const statuses of [
      ["empty", "empty"],
      ["empty", "aborted"],
    ] as const) {
      const result = await resultOf(statuses);
      expect(() => assertMeets(result, { errors: 5 })).toThrow(hint);
      const verdict = collectVerdicts({ load: result }).find(({ group }) => group === "requests");
      expect(verdict).toMatchObject({ status: "fail" });
      expect(verdict?.message).toContain(`0 of 2 requests succeeded; every answer was empty: ${hint}`);
    }
    expect(JSON.stringify(judgeLimits(await resultOf(["empty", "truncated"]), { errors: 5 }))).not.toContain("EOS");
    expect(JSON.stringify(judgeLimits(await resultOf(["aborted"]), { errors: 5 }))).not.toContain("EOS");
  });

  test.each([null, undefined, 3, "run", {}, { kind: "load-result", schemaVersion: 2 }])(
    "%j is not a result",
    (result) => {
      expect(() => judgeLimits(result as LoadResult, { errors: 0 })).toThrow(
        "Expected `result` to be one or more results",
      );
    },
  );

  test("an invalid run fails regardless of its figures", async () => {
    const result = await makeRun({ client: { cpuShare: 0.95 } });

    expect(codeOf(result, { ttft: { p50: 1000 } })).toBe("LOAD_INVALID");
  });

  test("a limit beyond the client's accuracy makes the run invalid", async () => {
    const result = await makeRun({ client: { eventLoopDelayMs: { p50: 0, p95: 0, p99: 6, max: 6 } } });

    expect(result.validity.status).toBe("valid");
    expect(codeOf(result, { ttft: { p50: 200 }, errors: 2 })).toBeUndefined();
    expect(codeOf(result, { ttft: { p50: 55 } })).toBe("LOAD_INVALID");
  });

  test("an open loop is judged from schedule, a closed one from send", async () => {
    const late = makeRecords(100, (index) => ({ schedMs: index * 10, sendMs: index * 10 + 9 }));
    const open = await makeResult(late);
    const closed = await makeResult(late, { options: { profile: { kind: "concurrency", clients: 4 } } });

    expect(judgeLimits(open, { ttft: { p50: 55 } }).checks[0]).toMatchObject({
      status: "fail",
      metric: "ttftFromSchedule",
      value: 59,
    });
    expect(judgeLimits(closed, { ttft: { p50: 55 } }).checks[0]).toMatchObject({
      status: "pass",
      metric: "ttft",
      value: 50,
    });
  });

  test("without a request with two tokens, TPOT has no samples", async () => {
    const result = await makeResult(makeRecords(100, () => ({ tokensOut: 1 })));

    expect(codeOf(result, { tpot: { p50: 1000 } })).toBe("LOAD_NOT_ENOUGH_SAMPLES");
    expect(codeOf(result, { tpot: { max: 1000 } })).toBe("LOAD_NOT_ENOUGH_SAMPLES");
  });

  test.each<[object, string]>([
    [{}, "at least one limit"],
    [{ ttft: {} }, "at least one limit"],
    [{ tttf: { p50: 1 } }, "got `tttf`"],
    [{ ttft: { p98: 1 } }, "got `p98`"],
    [{ ttft: 200 }, "an object like { p95: 200 }"],
    [{ goodputRatio: 99 }, "a share from 0 to 1"],
    [{ errors: -1 }, "`limits.errors`"],
  ])("%j is rejected", async (limits, message) => {
    const result = await makeRun();

    expect(() => assertMeets(result, limits)).toThrow(message);
  });
});

test("a limit is a number in its own unit: a count may be large, and an invalid one is not explained in ms", async () => {
  const result = await makeRun();

  expect(codeOf(result, { errors: 3_000_000_000 })).toBeUndefined();
  expect(codeOf(result, { errors: 2, ttft: { p50: 3_000_000_000 } })).toBeUndefined();
  for (const errors of [-1, Infinity, NaN, "2"]) {
    expect(() => assertMeets(result, { errors } as RunLimits)).toThrow(
      /`limits.errors` to be zero or a positive number, got [^ ]+$/m,
    );
  }
});

test("the share of requests in time is `goodputRatio`: the old name is rejected with the new one", async () => {
  const result = await makeRun();

  expect(() => assertMeets(result, { goodput: 0.99 } as object)).toThrow(/goodputRatio.*got `goodput`/);
});

describe("the message", () => {
  test("lists every limit with its measured value", async () => {
    const result = await makeResult(makeRecords(100));

    expect(() => assertMeets(result, { ttft: { p50: 40, p95: 200 }, goodputRatio: 0.9, errors: 0 }))
      .toThrowErrorMatchingInlineSnapshot(`
        [AssertionFailedError: [LOAD_LIMIT_MISSED] 1 of 4 limits missed:
          MISSED ttft p50 at most 40 ms: got 50
          ?      ttft p95 at most 200 ms: not enough samples (have 100, need 130)
          ok     goodputRatio at least 0.9: got 1
          ok     errors at most 0 requests: got 0
        100 requests in 1.24 s: 100 ok
        hint: The message has every limit with its measured value. Is the machine slow or busy?]
      `);
  });

  test("of an invalid run has every reason", async () => {
    const result = await makeResult(makeRecords(20), { client: { cpuShare: 0.95 } });

    expect(() => assertMeets(result, { errors: 0 })).toThrowErrorMatchingInlineSnapshot(`
      [AssertionFailedError: [LOAD_INVALID] the run is invalid:
        client-cpu: a client thread used 95 % of a core, expected below 80 %: raise \`clientThreads\`
        ok     errors at most 0 requests: got 0
      20 requests in 441 ms: 20 ok
      hint: The message has the reasons: usually the client was at its limit. Lower the rate, raise \`clientThreads\`, or use a quieter machine.]
    `);
  });
});

describe("a server that stood still in a closed loop", () => {
  const closed = { options: { profile: { kind: "concurrency", clients: 4 } } } as const;
  const stood = (forMs: number) => makeRun({ ...closed, gaps: [{ fromMs: 5_000, toMs: 5_000 + forMs }] });
  const limits: RunLimits = { ttft: { p99: 80 }, errors: 2 };

  test("misses the limits, although every percentile meets them", async () => {
    const result = await stood(2_000);

    expect(result.validity.status).toBe("valid");
    expect(result.stalls).toMatchObject([{ startMs: 5_000, durationMs: 2_000, limitMs: 1_000 }]);
    expect(codeOf(result, limits)).toBe("LOAD_LIMIT_MISSED");
    expect(() => assertMeets(result, limits)).toThrow(
      /MISSED stalled time at most 10\d ms: got 2000 \(from 5 s on, none of \d+ requests in flight made progress for 2 s; a stall in this run is longer than 1 s\)/,
    );
  });

  test("is named, but meets them, if it stood still for less than a hundredth of the run", async () => {
    const result = await makeResult(
      makeRecords(300, (index) => ({ schedMs: index * 1_000, lastMs: index * 1_000 + 900 })),
      { ...closed, gaps: [{ fromMs: 5_000, toMs: 7_000 }] },
    );
    const { status, checks } = judgeLimits(result, { errors: 0 });

    expect(status).toBe("pass");
    expect(checks.at(-1)).toMatchObject({ status: "pass", name: "stalled time", value: expect.any(Number) as number });
    expect(checks.at(-1)?.message).toContain("made progress for 1.9 s");
  });

  test("is judged by a limit on `longestStall` instead, if there is one", async () => {
    expect(codeOf(await stood(2_000), { ...limits, longestStall: { max: 3_000 } })).toBeUndefined();
  });

  test("has no stalls in an open loop, whose latencies count from schedule, nor in a result of an older release", async () => {
    const { stalls, ...older } = await makeRun({ gaps: [{ fromMs: 5_000, toMs: 7_000 }] });

    expect(stalls).toBeNull();
    expect(codeOf(older, limits)).toBeUndefined();
  });

  test("several stalls count together, and the longest is named", async () => {
    const gaps = [
      { fromMs: 2_000, toMs: 3_100 },
      { fromMs: 5_000, toMs: 6_500 },
    ];
    const check = judgeLimits(await makeRun({ ...closed, gaps }), limits).checks.at(-1);

    expect(check).toMatchObject({ name: "stalled time", value: 2_600 });
    expect(check?.message).toContain("(2 stalls, the longest: from 5 s on,");
  });
});
