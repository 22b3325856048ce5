import { describe, expect, test } from "vitest";
import { Utf8Decoder } from "../../src/events/utf8-decoder.js";

const CASES: readonly (readonly [name: string, bytes: readonly number[], invalidCount: number])[] = [
  ["plain text", [0x61, 0xc3, 0xbc], 0],
  ["a U+FFFD that was sent as such", [0x61, 0xef, 0xbf, 0xbd, 0x62], 0],
  ["a lone continuation byte", [0x61, 0x80, 0x62], 1],
  ["half of a character before a U+FFFD", [0xe2, 0x82, 0xef, 0xbf, 0xbd, 0x62], 1],
  ["two of them in front of two U+FFFD", [0xff, 0xef, 0xbf, 0xbd, 0xef, 0xbf, 0xbd, 0xff, 0x62], 2],
  ["two thirds of a U+FFFD, twice", [0xef, 0xbf, 0xef, 0xbf, 0x62], 2],
  ["a surrogate", [0xed, 0xa0, 0x80, 0x62], 3],
];

describe.each(CASES)("Utf8Decoder, %s", (_name, bytes, invalidCount) => {
  test(`counts ${invalidCount} however it is split`, () => {
    const whole = new Utf8Decoder();
    const text = whole.decode(Uint8Array.from(bytes)) + whole.end();
    expect(whole.invalidCount).toBe(invalidCount);
    for (let mask = 0; mask < 2 ** (bytes.length - 1); mask += 1) {
      const decoder = new Utf8Decoder();
      const parts = split(bytes, mask).map((part) => decoder.decode(Uint8Array.from(part)));
      expect(parts.join("") + decoder.end()).toBe(text);
      expect(decoder.invalidCount, mask.toString(2)).toBe(invalidCount);
    }
  });
});

test("a character that the end cuts off is not counted: the event it is in is incomplete anyway", () => {
  const decoder = new Utf8Decoder();
  expect(decoder.decode(Uint8Array.of(0x61, 0xe2, 0x82)) + decoder.end()).toBe("a\ufffd");
  expect(decoder.invalidCount).toBe(0);
});

/** Cuts after each byte whose bit is set. */
function split(bytes: readonly number[], mask: number): number[][] {
  const parts: number[][] = [[]];
  for (const [index, byte] of bytes.entries()) {
    parts.at(-1)?.push(byte);
    if ((mask >> index) & 1) parts.push([]);
  }
  return parts;
}
