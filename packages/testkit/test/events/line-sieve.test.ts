import { describe, expect, test } from "vitest";
import { LineSieve } from "../../src/events/line-sieve.js";

/** What is left for the parser of each text, and what was taken out. */
function sift(...texts: readonly string[]) {
  const [ignored, retries]: [string[], number[]] = [[], []];
  const sieve = new LineSieve({
    onIgnoredLine: (line) => ignored.push(line),
    onRetry: (retryMs) => retries.push(retryMs),
  });
  return { kept: texts.map((text) => sieve.sift(text)), ignored, retries };
}

test("fields, comments and blank lines are passed to the parser", () => {
  const text = "data: 1\nevent: a\nid: 2\n: comment\n\ndata\nevent\nid\n";

  expect(sift(text)).toEqual({ kept: [text], ignored: [], retries: [] });
});

test("other lines are removed, wherever they are", () => {
  expect(sift("foo\ndata: 1\nbar: 2\nbaz\nid: 3\nqux\n")).toEqual({
    kept: ["data: 1\nid: 3\n"],
    ignored: ["foo", "bar: 2", "baz", "qux"],
    retries: [],
  });
});

test("a line that only starts like a field is removed", () => {
  expect(sift("datax\ndata1: 1\neventful\nids: 1\nretrying\n").ignored).toEqual([
    "datax",
    "data1: 1",
    "eventful",
    "ids: 1",
    "retrying",
  ]);
});

describe("a line that is split", () => {
  test("is held back until its name is known", () => {
    expect(sift("da", "ta", ": 1\n")).toMatchObject({ kept: ["", "", "data: 1\n"], ignored: [] });
    expect(sift("da", "y\n")).toMatchObject({ kept: ["", ""], ignored: ["day"] });
    expect(sift("i", "d\n")).toMatchObject({ kept: ["", "id\n"] });
  });

  test("is kept or removed as a whole", () => {
    expect(sift("data: fo", "o\nbar", "baz\nda", "ta\n")).toMatchObject({
      kept: ["data: fo", "o\n", "", "data\n"],
      ignored: ["barbaz"],
    });
  });

  test("is reported once, with its first 200 characters", () => {
    expect(sift("x".repeat(150), "y".repeat(150), "z\nfoo\n").ignored).toEqual([
      `${"x".repeat(150)}${"y".repeat(50)}`,
      "foo",
    ]);
  });
});

describe("`retry`", () => {
  test("is parsed and never passed on", () => {
    expect(sift("retry: 100\ndata: 1\nretry:5\n")).toEqual({ kept: ["data: 1\n"], ignored: [], retries: [100, 5] });
  });

  test("is parsed across chunks", () => {
    expect(sift("ret", "ry", ": 1", "0", "9\n").retries).toEqual([109]);
  });

  test("is digits only, after one space at most", () => {
    expect(
      sift("retry:  1\nretry:1 \nretry: \nretry:\nretry\nretry:-1\nretry:1/\nretry:1:\nretry:09\n").retries,
    ).toEqual([9]);
  });

  test("with hundreds of digits is infinite", () => {
    expect(sift(`retry:${"9".repeat(400)}\n`).retries).toEqual([Infinity]);
  });
});
