import { describe, expect, test } from "vitest";
import { MetricsSnapshot } from "../../../src/client/index.js";
import { orcd, type Dialect } from "../../../src/dialects/index.js";
import {
  checkLoadTarget,
  compareTokens,
  readTokenCounter,
  requireThreadDialect,
  type LoadTarget,
} from "../../../src/load/run/load-target.js";
import { messageOf } from "../../events/support.js";
import { makeRecord } from "../results.js";

const COUNTER = "worker_tokens_generated_total";
const unused = () => Promise.reject(new Error("not asked"));
const target = (over: Partial<LoadTarget> = {}): LoadTarget => ({
  baseUrl: "http://worker",
  execute: unused,
  cancel: unused,
  health: unused,
  metrics: unused,
  ...over,
});
const counting = (name: string, value: number) =>
  target({ metrics: () => Promise.resolve(new MetricsSnapshot("", [{ name, labels: {}, value }])) });
const tiny: Dialect = { ...orcd, name: "tiny" };

test("a load target is a job target with an address", async () => {
  expect(() => checkLoadTarget(target())).not.toThrow();
  expect(await messageOf(() => checkLoadTarget({}))).toContain("Expected `target` to be");
  expect(await messageOf(() => checkLoadTarget(target({ baseUrl: 3 as never })))).toContain("`target.baseUrl`");
});

test("several client threads need a built-in dialect", async () => {
  expect(() => requireThreadDialect(target())).not.toThrow();
  expect(() => requireThreadDialect(target({ dialect: orcd }))).not.toThrow();

  const message = await messageOf(() => requireThreadDialect(target({ dialect: tiny })));

  expect(message).toContain("Expected a built-in dialect for more than one client thread, got `tiny`");
  expect(message).toContain("leave `clientThreads` at 1");
});

describe("readTokenCounter()", () => {
  test("is the worker's own count", async () => {
    expect(await readTokenCounter(counting(COUNTER, 42))).toEqual({ value: 42 });
  });

  test("is the first of several counters that the worker has", async () => {
    const dialect = { ...tiny, metrics: { path: "/metrics", tokenCounter: ["tokens_a", "tokens_b"] } } as Dialect;

    expect(await readTokenCounter({ ...counting("tokens_b", 7), dialect })).toEqual({ value: 7 });
    expect(await readTokenCounter({ ...counting(COUNTER, 1), dialect })).toEqual({
      reason: "/metrics has no tokens_a, tokens_b",
    });
  });

  test("does not wait longer than 5 s", async () => {
    const asked: unknown[] = [];
    await readTokenCounter(
      target({
        metrics: (options) => {
          asked.push(options);
          return unused();
        },
      }),
    );

    expect(asked).toEqual([{ timeoutMs: 5_000 }]);
  });

  test("reports why there is none", async () => {
    const { metrics: _, ...silent } = tiny;
    const failing = target({ metrics: () => Promise.reject(new Error("answered 404\nhint: none")) });

    expect(await readTokenCounter(counting("other", 1))).toEqual({ reason: `/metrics has no ${COUNTER}` });
    expect(await readTokenCounter(failing)).toEqual({ reason: "/metrics cannot be read: answered 404" });
    for (const dialect of [silent, { ...silent, metrics: { path: "/metrics" } }])
      expect(await readTokenCounter(target({ dialect }))).toEqual({
        reason: "the dialect `tiny` has no counter of generated tokens",
      });
  });
});

describe("compareTokens()", () => {
  const [before, after] = [{ value: 100 }, { value: 142 }];
  const two = [makeRecord(0), makeRecord(1)];

  test("compares the tokens of the records with the difference of the counter", () => {
    expect(compareTokens(two, before, after)).toEqual({
      status: "compared",
      counted: 42,
      workerCounted: 42,
      difference: 0,
    });
    expect(compareTokens(two, before, { value: 163 })).toMatchObject({ workerCounted: 63, difference: 0.333333 });
    expect(compareTokens(two, before, { value: 130 })).toMatchObject({ workerCounted: 30, difference: 0.4 });
  });

  test("a worker that counted nothing differs by every token", () => {
    expect(compareTokens(two, before, before)).toMatchObject({ workerCounted: 0, difference: 42 });
    expect(compareTokens([], before, before)).toMatchObject({ counted: 0, difference: 0 });
  });

  test("is not possible without both readings", () => {
    const missing = { reason: "/metrics has none" };

    expect(compareTokens(two, missing, after)).toEqual({ status: "unavailable", ...missing });
    expect(compareTokens(two, before, missing)).toEqual({ status: "unavailable", ...missing });
  });

  test("is not possible if a request ended without its number of tokens", () => {
    const cut = makeRecord(2, { status: "aborted", tokensOut: null });

    expect(compareTokens([...two, cut], before, after)).toEqual({
      status: "unavailable",
      reason: "1 request ended without reporting its number of tokens",
    });
    expect(compareTokens([cut, cut], before, after)).toEqual({
      status: "unavailable",
      reason: "2 requests ended without reporting their number of tokens",
    });
  });

  test("a refused request, or one without tokens, counts as reported", () => {
    const none = { tokensOut: 0, contentEventCount: 0 };
    const records = [
      ...two,
      makeRecord(2, { status: "empty", ...none }),
      makeRecord(3, { status: "http-error", ...none }),
    ];

    expect(compareTokens(records, before, after)).toMatchObject({ status: "compared", difference: 0 });
  });
});
