import { describe, expect, test } from "vitest";
import { resolveLoadOptions } from "../../../src/load/run/options.js";
import { request } from "../results.js";

const resolve = (options: object) =>
  resolveLoadOptions({ profile: { kind: "serial" }, requests: [request, request], ...options });

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
