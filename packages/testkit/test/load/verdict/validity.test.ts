import { describe, expect, test } from "vitest";
import { makeRecords, makeResult, type ResultFacts } from "../results.js";

async function reasonsOf(records: ReturnType<typeof makeRecords>, facts?: ResultFacts) {
  return (await makeResult(records, facts)).validity.reasons;
}

test("a run in which the client kept up is valid", async () => {
  const result = await makeResult(makeRecords(100), { options: { slo: { ttftMs: 100, tpotMs: 20 } } });

  expect(result.validity).toEqual({ status: "valid", reasons: [] });
  expect(result.rate).toEqual({ requestedPerSec: 100, achievedPerSec: 100, ratio: 1 });
});

describe("a run is invalid, with the figure, when", () => {
  test("less than 98 % of the requested rate was sent", async () => {
    const behind = (index: number) => ({ schedMs: index * 10, sendMs: index * 10.3 });
    const [reason, ...others] = await reasonsOf(makeRecords(40, behind));

    expect(others).toEqual([]);
    expect(reason).toMatchObject({ code: "rate-missed", limit: 0.98 });
    expect(reason?.value).toBeCloseTo(390 / (390 + 0.3 * 36), 3); // from the middle of the first tenth to that of the last
    expect(reason?.message).toBe(
      "97.31 requests/s were sent of 100.00 requested: a ratio of 0.973, expected at least 0.98",
    );
  });

  test("… but not when all of them, or only the last one, were sent late", async () => {
    expect(await reasonsOf(makeRecords(40, (index) => ({ schedMs: index * 10, sendMs: index * 10 + 9 })))).toEqual([]);
    expect(await reasonsOf(makeRecords(40, (index) => ({ sendMs: index * 10 + (index === 39 ? 50 : 0) })))).toEqual([]);
  });

  test("the median of the client delay is 10 ms or more", async () => {
    const late = (delayMs: number) =>
      makeRecords(1000, (index) => ({ schedMs: index * 10, sendMs: index * 10 + delayMs }));

    expect(await reasonsOf(late(9.9))).toEqual([]);
    expect(await reasonsOf(late(10))).toMatchObject([{ code: "client-delay", value: 10, limit: 10 }]);
  });

  test("… and the message names connecting if that took the time", async () => {
    const [reason] = await reasonsOf(
      makeRecords(20, (index) => ({ sendMs: index * 10 + 50, handOverMs: index * 10 + 1 })),
    );

    expect(reason?.message).toContain(
      "of that, 49.0 ms waiting for a connection: does the worker accept connections fast enough?",
    );
  });

  test("the event loop was late by more than 10 % of the smallest limit", async () => {
    const facts = (p99: number) => ({
      client: { eventLoopDelayMs: { p50: 0, p95: 0, p99, max: p99 } },
      options: { slo: { ttftMs: 100, e2eMs: 500 } },
    });

    expect(await reasonsOf(makeRecords(20), facts(10))).toEqual([]);
    expect(await reasonsOf(makeRecords(20), facts(10.1))).toMatchObject([
      { code: "event-loop-delay", value: 10.1, limit: 10 },
    ]);
  });

  test("… where a TPOT limit covers all tokens of a request", async () => {
    const facts = (p99: number) => ({
      client: { eventLoopDelayMs: { p50: 0, p95: 0, p99, max: p99 } },
      options: { slo: { tpotMs: 5 } },
    });

    // 21 tokens: 20 times 5 ms
    expect(await reasonsOf(makeRecords(20), facts(10))).toEqual([]);
    expect(await reasonsOf(makeRecords(20), facts(10.1))).toMatchObject([{ code: "event-loop-delay", limit: 10 }]);
  });

  test("a client thread used 80 % of a core", async () => {
    expect(await reasonsOf(makeRecords(20), { client: { cpuShare: 0.79 } })).toEqual([]);
    expect(await reasonsOf(makeRecords(20), { client: { cpuShare: 0.8 } })).toMatchObject([
      { code: "client-cpu", value: 0.8 },
    ]);
  });

  test("the worker's token count differs from the requests' by more than 2 %", async () => {
    const counters = (counted: number) => ({ counters: [{ value: 1000 }, { value: 1000 + counted }] as const });

    expect(await reasonsOf(makeRecords(100), counters(2100))).toEqual([]);
    expect(await reasonsOf(makeRecords(100), counters(2140))).toEqual([]);
    expect(await reasonsOf(makeRecords(100), counters(2200))).toMatchObject([{ code: "token-count", limit: 0.02 }]);
    expect(await reasonsOf(makeRecords(100), counters(0))).toMatchObject([{ code: "token-count" }]);
  });

  test("it was ended early", async () => {
    const result = await makeResult(makeRecords(20), { ended: { by: "abort", message: "the signal fired" } });

    expect(result.status).toBe("partial");
    expect(result.validity.reasons).toMatchObject([
      { code: "partial", message: "the run is partial (abort): the signal fired" },
    ]);
  });

  test("nothing was sent", async () => {
    expect(await reasonsOf([])).toMatchObject([{ code: "nothing-sent" }]);
  });
});

test("tokens are not compared if some of them are unknown", async () => {
  const counters = [{ value: 0 }, { value: 5 }] as const;
  const result = await makeResult(
    makeRecords(30, (index) => (index === 3 ? { status: "truncated" } : {})),
    { counters },
  );

  expect(result.tokenCheck).toEqual({
    status: "unavailable",
    reason: "1 request ended without reporting its number of tokens",
  });
  expect(result.validity.status).toBe("valid");
});

describe("a run whose requests had their tokens held back", () => {
  const times = (spreadMs: number, decodeMs?: number) => (index: number) => {
    const sendMs = index * 1000;
    const firstMs = sendMs + 500;
    const ends = { lastMs: firstMs + spreadMs, terminalMs: firstMs + spreadMs, closeMs: firstMs + spreadMs };
    const facts = { contentEventCount: 64, tokensOut: 64, ...(decodeMs === undefined ? {} : { decodeMs }) };
    return { schedMs: sendMs, handOverMs: sendMs, sendMs, headersMs: sendMs, firstMs, ...ends, ...facts };
  };

  test("is invalid if the server generated meanwhile", async () => {
    const [reason] = await reasonsOf(makeRecords(10, times(0.5, 500)));
    expect(reason).toMatchObject({ code: "not-streamed", value: 1, limit: 0.5 });
    expect(reason?.message).toContain("the tokens of 10 of 10 requests were held back and sent at once");
  });

  test("is valid if the wait may have been a queue, or if tokens arrived one by one", async () => {
    expect(await reasonsOf(makeRecords(10, times(0.5)))).toEqual([]);
    expect(await reasonsOf(makeRecords(10, times(0.5, 2)))).toEqual([]);
    expect(await reasonsOf(makeRecords(10, times(400, 900)))).toEqual([]);
  });

  test("is valid if fewer than five were, which may be pauses of a busy machine, unless an answer took a second", async () => {
    const few = (count: number, decodeMs: number) => (index: number) => times(0.5, index < count ? decodeMs : 2)(index);
    expect(await reasonsOf(makeRecords(20, few(4, 500)))).toEqual([]);
    expect(await reasonsOf(makeRecords(20, few(5, 500)))).toMatchObject([{ code: "not-streamed" }]);
    expect(await reasonsOf(makeRecords(20, few(1, 1_000)))).toMatchObject([{ code: "not-streamed" }]);
  });

  test("is valid if half of them, or fewer, were", async () => {
    const mixed = (index: number) => (index % 2 === 0 ? times(0.5, 500)(index) : times(400, 900)(index));
    expect(await reasonsOf(makeRecords(10, mixed))).toEqual([]);
  });
});
