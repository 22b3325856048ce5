import { deflateSync, inflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { inflateHistogram } from "../../../src/load/metrics/inflate-histogram.js";
import { ItlHistogram } from "../../../src/load/metrics/itl-histogram.js";

async function histogramOf(valuesMs: Iterable<number>): Promise<ItlHistogram> {
  const histogram = await ItlHistogram.create();
  for (const valueMs of valuesMs) histogram.add(valueMs);
  return histogram;
}

describe("ItlHistogram", () => {
  test("quantiles are within 0.1 % of the exact ones", async () => {
    const values = Array.from({ length: 10_000 }, (_, index) => 0.02 + index * 0.037);
    const histogram = await histogramOf(values);
    for (const share of [0.5, 0.9, 0.99, 0.999]) {
      const exact = values[Math.ceil(share * values.length) - 1]!;
      expect(Math.abs(histogram.quantile(share) / exact - 1)).toBeLessThan(0.001);
    }
  });

  test("parts merge to the same histogram as the whole, even after encoding", async () => {
    const values = Array.from({ length: 3_000 }, (_, index) => (index * 7919) % 1000);
    const whole = await histogramOf(values);
    const merged = await histogramOf(values.slice(0, 1000));
    merged.merge(await ItlHistogram.decode((await histogramOf(values.slice(1000))).encode()));

    const { max, ...expected } = whole.describe();

    for (const histogram of [merged, await ItlHistogram.decode(merged.encode())]) {
      expect(histogram.describe()).toMatchObject(expected);
      expect(Math.abs((histogram.describe().max ?? 0) / (max ?? 0) - 1)).toBeLessThan(0.001); // the end of its bucket
    }
  });

  test("events of one chunk have a latency of 0; latencies beyond an hour count as one", async () => {
    const histogram = await histogramOf([0, 0, 5_000_000]);

    expect(histogram.describe()).toMatchObject({ count: 3, min: 0 });
    expect(histogram.quantile(1)).toBeGreaterThan(3_590_000);
  });

  test("the least, the mean and the greatest latency are in ms", async () => {
    expect((await histogramOf([1, 2])).describe()).toMatchObject({ count: 2, min: 1, mean: 1.5, max: 2 });
  });

  test("is encoded with its format and its unit", async () => {
    expect((await histogramOf([1])).encode()).toMatchObject({ encoding: "hdr-v2-deflate-base64", unitMs: 0.001 });
  });

  test("an empty one has no value", async () => {
    expect((await histogramOf([])).describe()).toMatchObject({ count: 0, min: null, mean: null, max: null });
  });

  test("the percentiles have the same floors as exact ones", async () => {
    const { percentiles } = (await histogramOf(new Array<number>(20).fill(5))).describe();

    expect(percentiles.p50).toBeCloseTo(5, 2);
    expect(percentiles.p90).toMatchObject({ have: 20, need: 64 });
  });
});

function decode(data: string): Promise<ItlHistogram> {
  return ItlHistogram.decode({ encoding: "hdr-v2-deflate-base64", unitMs: 0.001, data });
}

/** An encoded histogram whose inflated bytes were edited. */
async function encodeEdited(edit: (bytes: Buffer) => Buffer): Promise<string> {
  const { data } = (await histogramOf([1, 2, 3])).encode();
  const bytes = edit(inflateSync(Buffer.from(data, "base64").subarray(8)));
  return wrap(deflateSync(bytes), Buffer.from(data, "base64").readInt32BE(0));
}

function wrap(deflated: Buffer, cookie: number): string {
  const head = Buffer.alloc(8);
  head.writeInt32BE(cookie, 0);
  head.writeInt32BE(deflated.length, 4);
  return Buffer.concat([head, deflated]).toString("base64");
}

/** Another payload, with its length in the header. */
function withWords(bytes: Buffer, words: Buffer): Buffer {
  const head = Buffer.from(bytes.subarray(0, 40));
  head.writeInt32BE(words.length, 4);
  return Buffer.concat([head, words]);
}

const setInt32 = (value: number, at: number) => (bytes: Buffer) => {
  bytes.writeInt32BE(value, at);
  return bytes;
};

const cutHeader = (bytes: Buffer) => setInt32(-20, 4)(bytes.subarray(0, 20));
/** 23551 skipped buckets: -23551 as a ZigZag number, 7 bits per byte. */
const SKIP_23551 = Buffer.from([0xfd, 0xef, 0x02]);

test.each<[string, string, (bytes: Buffer) => Buffer]>([
  ["200 MB of zeros", "larger than 212008 bytes when inflated", (bytes) => withWords(bytes, Buffer.alloc(200_000_000))],
  ["a length of 2 GB", "its length differs from the one in its header", setInt32(0x7fff_ffff, 4)],
  ["a negative length", "its length differs from the one in its header", setInt32(-1, 4)],
  ["a header that is cut", "its length differs from the one in its header", (bytes) => bytes.subarray(0, 20)],
  ["20 digits", "not a histogram of 3 digits from 1 to 3600000000", setInt32(20, 12)],
  ["a header that is cut, with a length to match", "its length differs from the one in its header", cutHeader],
  ["two bytes", "its length differs from the one in its header", (bytes) => bytes.subarray(0, 2)],
  ["a lowest value of 2", "not a histogram of 3 digits from 1 to 3600000000", setInt32(2, 20)],
  ["a range of 2^62", "not a histogram of 3 digits from 1 to 3600000000", setInt32(0x4000_0000, 24)],
  [
    "2^54 skipped buckets",
    "more than 23552 buckets",
    (bytes) => withWords(bytes, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f])),
  ],
  [
    "23551 skipped buckets and two more",
    "more than 23552 buckets",
    (bytes) => withWords(bytes, Buffer.concat([SKIP_23551, Buffer.from([2, 2])])),
  ],
  ["23553 buckets", "more than 23552 buckets", (bytes) => withWords(bytes, Buffer.alloc(23_553))],
  ["half a number", "it ends in the middle of a number", (bytes) => withWords(bytes, Buffer.from([0x80]))],
])("a histogram with %s is rejected immediately", async (_, reason, edit) => {
  const data = await encodeEdited(edit);
  const startedAt = performance.now();

  await expect(decode(data)).rejects.toThrow(reason);
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

test.each(["", "AAAA", "not base64", "AAAAAAAAAAAAAAAA"])("%j is not a histogram", async (data) => {
  await expect(decode(data)).rejects.toThrow("not a compressed HdrHistogram of version 2");
});

test.each([
  ["damaged", Buffer.from("not deflated"), "Z_DATA_ERROR"],
  ["missing", Buffer.alloc(0), "Z_BUF_ERROR"],
])("compressed data that is %s is rejected with the reason of zlib", async (_, deflated, code) => {
  const data = wrap(deflated, 0x1c849304);

  await expect(decode(data)).rejects.toMatchObject({ code });
});

test("a histogram that is too large is rejected with the error of zlib as its cause", async () => {
  const data = await encodeEdited((bytes) => withWords(bytes, Buffer.alloc(1_000_000)));

  await expect(decode(data)).rejects.toMatchObject({ cause: { code: "ERR_BUFFER_TOO_LARGE" } });
});

test("the largest histogram is within the limit", async () => {
  const data = await encodeEdited((small) => withWords(small, Buffer.alloc(23_552, 4)));

  expect((await decode(data)).count).toBe(2 * 23_552);
});

test("skipped buckets are within the limit up to the last bucket", async () => {
  const data = await encodeEdited((small) => withWords(small, Buffer.concat([SKIP_23551, Buffer.from([2])])));

  expect((await decode(data)).count).toBe(1);
});

test("a histogram without a single bucket is empty", async () => {
  const data = await encodeEdited((small) => withWords(small, Buffer.alloc(0)));

  expect((await decode(data)).count).toBe(0);
});

test("the ninth byte of a number is its last, whatever its highest bit", async () => {
  const number = [0xfe, ...new Array<number>(7).fill(0xff), 0x80];
  const data = await encodeEdited((small) => withWords(small, Buffer.from([...number, ...number])));
  const inflated = inflateHistogram(data, { digits: 3, highestValue: 3_600_000_000, bucketCount: 2 });

  expect([...inflated.subarray(40)]).toEqual([...number, ...number]);
});
