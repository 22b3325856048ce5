import { expect, test } from "vitest";
import { cutRequest, timeMarks } from "../../src/timeline/layout.js";
import { sampleRun } from "../../../testkit/test/report/sample-run.js";

const { records } = await sampleRun({ count: 1 });
const TIMES = { schedMs: 0, sendMs: 5, firstMs: 20, lastMs: 80, closeMs: 90 } as const;
const request = { ...records[0]!, ...TIMES, status: "ok" as const };

const cut = (changes: Partial<typeof request>) => {
  return cutRequest({ ...request, ...changes }).map(({ color, fromMs, toMs }) => [color, fromMs, toMs]);
};

test("a request is cut into queue, wait, tokens and tail, without a gap", () => {
  expect(cut({})).toEqual([
    ["queue", 0, 5],
    ["wait", 5, 20],
    ["tokens", 20, 80],
    ["tail", 80, 90],
  ]);
});

test("a request that was sent on time and ended with its last token has neither queue nor tail", () => {
  expect(cut({ sendMs: 0 as never, closeMs: 80 as never }).map(([color]) => color)).toEqual(["wait", "tokens"]);
});

test("a failed request is bad from its first token on, or from its send if there was none", () => {
  expect(cut({ status: "truncated" as never }).slice(1)).toEqual([
    ["wait", 5, 20],
    ["bad", 20, 90],
  ]);
  expect(cut({ status: "http-error" as never, firstMs: null as never, lastMs: null as never })).toEqual([
    ["queue", 0, 5],
    ["bad", 5, 90],
  ]);
});

test("an ok request without a token waits until it closes", () => {
  expect(cut({ firstMs: null as never, lastMs: null as never }).slice(1)).toEqual([["wait", 5, 90]]);
});

test("marks of an axis are round, within the range, and about as many as wanted", () => {
  expect(timeMarks(0, 1_000, 5)).toEqual([0, 200, 400, 600, 800, 1_000]);
  expect(timeMarks(130, 470, 4)).toEqual([200, 300, 400]);
  expect(timeMarks(0, 0.3, 3)).toEqual([0, 0.1, 0.2, 0.3]);
  expect(timeMarks(7, 7, 5)).toEqual([7]);
});
