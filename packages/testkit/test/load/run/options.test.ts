import { describe, expect, test } from "vitest";
import { resolveLoadOptions } from "../../../src/load/run/options.js";
import { request } from "../results.js";

const resolve = (options: object) =>
  resolveLoadOptions({ profile: { kind: "serial" }, requests: [request, request], ...options });

const constant = { kind: "constant", ratePerSec: 5 };

test("the options are returned as given, and the others have defaults", () => {
  const given = { profile: constant, requests: [request], slo: { ttftMs: 5 }, machine: { gpu: "H100" } };

  expect(resolve(given)).toMatchObject({ ...given, givenStop: {}, givenWarmup: undefined, warmup: undefined });
  expect(resolve({})).toMatchObject({ slo: {}, machine: {}, clientThreads: 1, stallTimeoutMs: 600_000 });
  expect(resolve({ stop: { count: 3 }, warmup: { count: 4 } })).toMatchObject({
    givenStop: { count: 3 },
    givenWarmup: { count: 4 },
  });
});

test("a warm-up has its own stop rule: a list does not end it", () => {
  expect(resolve({ warmup: { count: 4 } }).warmup).toMatchObject({ count: 4, durationMs: Infinity });
  expect(resolve({ warmup: { durationMs: 50 } }).warmup).toMatchObject({ count: Infinity, durationMs: 50 });
});

test.each([
  { profile: { kind: "serial" }, stop: { count: 5 } },
  { profile: { kind: "serial" }, stop: { count: 5 }, warmup: { count: 5 } },
  { profile: constant, stop: { durationMs: 5 }, warmup: { durationMs: 5 } },
])("two client threads can run %j", (options) => {
  expect(resolve({ ...options, clientThreads: 2 }).clientThreads).toBe(2);
});

test("one client thread can run a closed loop for a time", () => {
  expect(resolve({ stop: { durationMs: 100 }, warmup: { durationMs: 100 } }).stop.durationMs).toBe(100);
});

describe("the count of requests", () => {
  test.each<[object, number]>([
    [{}, 2],
    [{ stop: { count: 7 } }, 7],
    [{ stop: { durationMs: 100 } }, Infinity],
    [{ stop: { errorRate: 0.5 } }, 2],
    [{ profile: { kind: "burst", size: 9 } }, Infinity],
    [{ profile: { kind: "stages", stages: [{ profile: constant, durationMs: 50 }] } }, Infinity],
    [{ profile: constant }, 2],
  ])("%j", (options, count) => {
    expect(resolve(options).stop.count).toBe(count);
  });
});

test("a seed may be a whole u64", () => {
  expect(resolve({ seed: 18446744073709551615n }).seed).toBe(18446744073709551615n);
  expect(resolve({ seed: 5 }).seed).toBe(5n);
  expect(resolve({}).seed).toBe(0n);
});

describe("rejected", () => {
  test.each<[string, object]>([
    ["got `rate`", { rate: 5 }],
    ["Expected `requests` to be a list of requests", { requests: [] }],
    ["Expected `requests`", { requests: undefined }],
    ["`stop.count`", { stop: { count: 0 } }],
    ["got `seconds`", { stop: { seconds: 1 } }],
    ["`stop.errorRate`", { stop: { count: 1, errorRate: 1 } }],
    ["Expected `stop` to be bounded", { requests: () => request }],
    ["got `ttft`", { slo: { ttft: 5 } }],
    ["`slo.ttftMs`", { slo: { ttftMs: 0 } }],
    ["got `total`", { timeouts: { total: 5 } }],
    ["`clientThreads`", { clientThreads: 0 }],
    ["given for a closed loop with several client threads", { clientThreads: 2, stop: { durationMs: 100 } }],
    ["`stop.count`", { clientThreads: 2, stop: { durationMs: 100 }, warmup: { count: 5 } }],
    ["`stop.count`", { clientThreads: 2, stop: { count: 5 }, warmup: { durationMs: 100 } }],
    ["Expected `warmup` to be bounded", { warmup: {} }],
    ["got `errorRate`", { warmup: { errorRate: 0.1 } }],
    ["`seed`", { seed: -1 }],
    ["`seed`", { seed: 1.5 }],
    ["from 0 to 2^64 - 1", { seed: 2n ** 64n }],
    ["`stallTimeoutMs`", { stallTimeoutMs: 0 }],
    ["`onProgress` to be a function", { onProgress: 5 }],
    ["`signal` to be an AbortSignal", { signal: "stop" }],
    ["`machine.gpu` to be a string", { machine: { gpu: 3 } }],
    ["got `cpu`", { machine: { cpu: "x" } }],
  ])("%s", (message, options) => {
    expect(() => resolve(options)).toThrow(message);
  });
});
