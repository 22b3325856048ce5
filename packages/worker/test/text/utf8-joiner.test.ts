import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Utf8Joiner } from "../../src/text/index.js";

function join(pieces: readonly Uint8Array[]): string[] {
  const joiner = new Utf8Joiner();
  return [...pieces.map((piece) => joiner.push(piece)), joiner.end()];
}

const SAMPLE = "aé日🎉👩‍👩‍👧‍👦\u0000\ufeffe\u0301\u2028z";
const SAMPLE_BYTES = new TextEncoder().encode(SAMPLE);

describe("characters split across tokens", () => {
  test.each([...SAMPLE_BYTES.keys()])("cut after byte %i", (position) => {
    const texts = join([SAMPLE_BYTES.subarray(0, position), SAMPLE_BYTES.subarray(position)]);
    expect(texts.join("")).toBe(SAMPLE);
    expect(texts.join("|")).not.toContain("\ufffd");
  });

  test("byte by byte, only whole characters are returned", () => {
    const texts = join([...SAMPLE_BYTES].map((byte) => Uint8Array.of(byte)));
    expect(texts.filter((text) => text !== "")).toEqual(Array.from(SAMPLE));
  });

  test("a byte order mark is text", () => {
    expect(join([Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)])).toEqual(["\ufeffa", ""]);
  });
});

describe("bytes that can never become a character", () => {
  test.each<[string, number[][], string]>([
    ["a lone continuation byte", [[0x61], [0x80], [0x62]], "a\ufffdb"],
    ["a start byte that is not continued", [[0xf0, 0x9f], [0x61]], "\ufffda"],
    ["a character cut off by the end", [[0x61, 0xe6, 0x97]], "a\ufffd"],
    ["bytes that UTF-8 does not have", [[0xff], [0xfe]], "\ufffd\ufffd"],
  ])("%s arrives as U+FFFD, once", (_name, pieces, expected) => {
    expect(join(pieces.map((piece) => Uint8Array.from(piece))).join("")).toBe(expected);
  });
});

test("any bytes, cut anywhere, decode like the whole", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 4 })), (pieces) => {
      expect(join(pieces).join("")).toBe(Buffer.concat(pieces).toString("utf8"));
    }),
  );
});
