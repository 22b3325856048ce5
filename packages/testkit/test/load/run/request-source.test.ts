import { describe, expect, test } from "vitest";
import { makeTestRequest } from "../../../src/requests/index.js";
import { RequestSource, type LoadRequests } from "../../../src/load/run/request-source.js";

const source = (requests: LoadRequests, seed = 1n, phase: "measure" | "warmup" = "measure") =>
  new RequestSource(requests, { seed, phase });

const ids = (requests: LoadRequests, count: number) => {
  const from = source(requests);
  return Array.from({ length: count }, (_, index) => from.take(index).job_id);
};

test("a list is used in order and repeats from the start; every id is used once", () => {
  const list = [makeTestRequest("a", "1", 5), makeTestRequest("b", "2", 5)];

  expect(ids(list, 5)).toEqual(["a", "b", "a~1", "b~1", "a~2"]);
});

test("every request gets its own id, even if it has none or the function always returns the same one", () => {
  expect(ids([{ prompt: "x" }], 2)).toEqual(["load-0", "load-1"]);
  expect(ids(() => makeTestRequest("same", "x", 5), 3)).toEqual(["same", "same~1", "same~2"]);
});

test("the warm-up has its own ids", () => {
  expect(source([makeTestRequest("a", "1", 5)], 1n, "warmup").take(0).job_id).toBe("warmup-a");
});

test("a request can be prepared more than once, but is forgotten once it is taken", () => {
  const from = source([{ job_id: "a" }]);

  expect([from.prepare(0), from.prepare(0), from.take(0)]).toEqual([{ job_id: "a" }, { job_id: "a" }, { job_id: "a" }]);
  expect(from.prepare(0)).toEqual({});
});

test("the random numbers of the warm-up are others than those of the measurement", () => {
  const random = (_: number, draw: () => number) => ({ value: draw() });
  const [measured, warm] = (["measure", "warmup"] as const).map((phase) => source(random, 1n, phase).take(0));

  expect(warm!["value" as never]).not.toBe(measured!["value" as never]);
});

test("the random numbers of a request depend only on seed and index", () => {
  const make = (draws: number) => (index: number, random: () => number) => {
    for (let count = 1; count < draws && index === 0; count += 1) random();
    return { value: random() };
  };
  const value = (seed: bigint, draws: number, index: number) => {
    const from = source(make(draws), seed);
    return from.prepare(index)["value" as never] as number;
  };

  expect(value(1n, 1, 1)).toBe(value(1n, 5, 1));
  expect(value(1n, 1, 0)).not.toBe(value(1n, 2, 0));
  expect(value(1n, 1, 0)).not.toBe(value(2n, 1, 0));
  expect(value(1n, 1, 0)).not.toBe(value(1n, 1, 1));
});

describe("a function that", () => {
  test("throws is named with the index", () => {
    const failing = source((index) => {
      if (index === 2) throw new Error("no prompt left");
      return makeTestRequest(`job-${index}`, "x", 5);
    });

    expect(() => failing.prepare(3)).toThrow("`requests` threw for request 2: no prompt left");
  });

  test("returns something other than an object is rejected", () => {
    for (const other of ["prompt", null, undefined])
      expect(() => source(() => other as never).prepare(0)).toThrow("Expected `requests[0]` to be an object");
  });
});
