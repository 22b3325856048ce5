import { describe, expect, test } from "vitest";
import { judgeValidity, type TimeLimit, type ValidityFacts } from "../../../src/load/verdict/validity.js";
import { makeRecord, makeRecords } from "../results.js";

const idle = {
  client: 0,
  eventLoopDelayMs: { p50: 0, p95: 0, p99: 0, max: 0 },
  cpuShare: 0,
  cpuSource: "thread",
} as const;
const good: ValidityFacts = {
  status: "complete",
  ended: { by: "schedule", message: "all requests were sent" },
  rate: null,
  records: makeRecords(20),
  clients: [idle],
  tokenCheck: { status: "unavailable", reason: "none" },
};
const reasonsOf = (facts: Partial<ValidityFacts>, limits: readonly TimeLimit[] = []) =>
  judgeValidity({ ...good, ...facts }, limits).reasons;
const late = (p99: number) => [{ ...idle, eventLoopDelayMs: { ...idle.eventLoopDelayMs, p99 } }];

test("a run without a reason is valid", () => {
  expect(judgeValidity(good, [])).toEqual({ status: "valid", reasons: [] });
});

test("sending nothing is the only reason: a CPU share of an empty window is meaningless", () => {
  expect(reasonsOf({ records: [], clients: [{ ...idle, cpuShare: 1 }] })).toEqual([
    { code: "nothing-sent", value: 0, limit: 1, message: "no request was sent" },
  ]);
});

test("a partial run is reported with what ended it", () => {
  expect(reasonsOf({ status: "partial", ended: { by: "stall", message: "nothing happened" } })).toMatchObject([
    { code: "partial", message: "the run is partial (stall): nothing happened" },
  ]);
});

describe("exactly at its bound", () => {
  test.each([
    [0.98, 0],
    [0.9799, 1],
  ])("a rate of %s of the requested has %i reasons", (ratio, count) => {
    expect(reasonsOf({ rate: { requestedPerSec: 100, achievedPerSec: 100 * ratio, ratio } })).toHaveLength(count);
  });

  test.each([
    [0.02, 0],
    [0.0201, 1],
  ])("a difference of %s of the tokens has %i reasons", (difference, count) => {
    const tokenCheck = { status: "compared", counted: 100, workerCounted: 102, difference } as const;

    expect(reasonsOf({ tokenCheck })).toHaveLength(count);
  });

  test.each([
    [0.79, 0],
    [0.8, 1],
  ])("a client that used %s of a core has %i reasons", (cpuShare, count) => {
    expect(reasonsOf({ clients: [idle, { ...idle, cpuShare }] })).toHaveLength(count);
  });
});

describe("each reason as text", () => {
  test("tokens that another client may have requested", () => {
    const tokenCheck = { status: "compared", counted: 100, workerCounted: 200, difference: 0.5 } as const;

    expect(reasonsOf({ tokenCheck })[0]?.message).toBe(
      "the requests have 100 tokens, the worker counted 200: is another client using it?",
    );
  });

  test("a client that was late, and what part of it was waiting for a connection", () => {
    const waiting = (connectMs: number) =>
      reasonsOf({
        records: makeRecords(20, (index) => ({ sendMs: index * 10 + 20, handOverMs: index * 10 + 20 - connectMs })),
      });

    expect(waiting(4.9)[0]?.message).toBe("the client sent its requests 20.0 ms late (median), expected below 10 ms");
    expect(waiting(5)[0]?.message).toBe(
      "the client sent its requests 20.0 ms late (median), expected below 10 ms; " +
        "of that, 5.0 ms waiting for a connection: does the worker accept connections fast enough?",
    );
  });

  test("an event loop that was late for the shortest time that is judged", () => {
    const limits: TimeLimit[] = [
      { metric: "ttft", limitMs: 100 },
      { metric: "e2e", limitMs: 500 },
    ];

    expect(reasonsOf({ clients: late(10.1) }, limits)[0]?.message).toBe(
      "the client's event loop was 10.1 ms late (p99), more than 10 % of the shortest time that a limit spans (100.0 ms)",
    );
    expect(reasonsOf({ clients: late(10) }, limits)).toEqual([]);
  });
});

describe("a limit on the time per token spans all tokens of a request", () => {
  const limits: TimeLimit[] = [{ metric: "tpot", limitMs: 10 }];

  test("of the ok ones", () => {
    const failed = makeRecords(40, () => ({ status: "truncated", tokensOut: 1 }));

    expect(reasonsOf({ records: [...makeRecords(5), ...failed], clients: late(20) }, limits)).toEqual([]);
    expect(reasonsOf({ clients: late(20.1) }, limits)).toMatchObject([{ code: "event-loop-delay", limit: 20 }]);
  });

  test("and one token if no request is ok", () => {
    const records = [makeRecord(0, { status: "truncated" })];

    expect(reasonsOf({ records, clients: late(1) }, limits)).toEqual([]);
    expect(reasonsOf({ records, clients: late(1.1) }, limits)).toMatchObject([{ limit: 1 }]);
  });
});
