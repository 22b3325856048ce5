import { describe, expect, test } from "vitest";
import type { LoadOptions } from "../../../src/load/index.js";
import { resolveLoadOptions } from "../../../src/load/run/options.js";
import { request } from "../results.js";

const resolve = (options: object) =>
  resolveLoadOptions({ profile: { kind: "serial" }, requests: [request, request], ...options } as LoadOptions);

describe("the count of requests", () => {
  test.each<[object, number]>([
    [{}, 2],
    [{ stop: { count: 7 } }, 7],
    [{ stop: { durationMs: 100 } }, Infinity],
    [{ stop: { errorRate: 0.5 } }, 2],
    [{ profile: { kind: "burst", size: 9 } }, Infinity],
  ])("%j", (options, count) => {
    expect(resolve(options).stop.count).toBe(count);
  });
});

test("a seed may be a whole u64", () => {
  expect(resolve({ seed: 18446744073709551615n }).seed).toBe(18446744073709551615n);
  expect(resolve({ seed: 5 }).seed).toBe(5n);
  expect(resolve({}).seed).toBe(0n);
});

describe("refused", () => {
  test.each<[object, string]>([
    [{ rate: 5 }, "got `rate`"],
    [{ requests: [] }, "Expected `requests` to be a list of requests"],
    [{ requests: undefined }, "Expected `requests`"],
    [{ requests: () => request }, "Expected `stop` to be bounded"],
    [{ limits: { ttft: 5 } }, "got `ttft`"],
    [{ limits: { ttftMs: 0 } }, "`limits.ttftMs`"],
    [{ timeouts: { total: 5 } }, "got `total`"],
    [{ workers: 0 }, "`workers`"],
    [{ workers: 2, stop: { durationMs: 100 } }, "given for a closed loop with several workers"],
    [{ warmup: {} }, "Expected `warmup` to be bounded"],
    [{ warmup: { errorRate: 0.1 } }, "got `errorRate`"],
    [{ seed: -1 }, "`seed`"],
    [{ seed: 1.5 }, "`seed`"],
    [{ seed: 2n ** 64n }, "from 0 to 2^64 - 1"],
    [{ stallTimeoutMs: 0 }, "`stallTimeoutMs`"],
    [{ onProgress: 5 }, "`onProgress` to be a function"],
    [{ machine: { cpu: "x" } }, "got `cpu`"],
  ])("%j", (options, message) => {
    expect(() => resolve(options)).toThrow(message);
  });
});
