import { describe, expect, test } from "vitest";
import { BlockMeter } from "../../src/events/block-meter.js";

/** What the meter says after each of these texts: how much was admitted, and what is open. */
function measure(limitBytes: number, ...texts: readonly string[]) {
  const meter = new BlockMeter(limitBytes);
  const admitted = texts.map((text) => meter.admit(text));
  return { admitted, openBytes: meter.openBytes, openText: meter.openText };
}

describe("the open block", () => {
  test("is the text since the last blank line, in bytes of UTF-8", () => {
    expect(measure(100, "a: 1\n\nb: ü\nc")).toMatchObject({ openBytes: 7, openText: "b: ü\nc" });
    expect(measure(100, "b: ü", "\nc")).toMatchObject({ openBytes: 7, openText: "b: ü\nc" });
  });

  test("is empty at the start, after a blank line and after several", () => {
    expect(measure(100)).toMatchObject({ openBytes: 0, openText: "" });
    expect(measure(100, "a\n\n")).toMatchObject({ openBytes: 0, openText: "" });
    expect(measure(100, "a\n\n\n\n")).toMatchObject({ openBytes: 0, openText: "" });
    expect(measure(100, "\n")).toMatchObject({ openBytes: 0, openText: "" });
  });

  test("ends with a blank line that is split between two texts", () => {
    expect(measure(100, "a\n", "\nb")).toMatchObject({ openBytes: 1, openText: "b" });
    expect(measure(100, "a", "\nb")).toMatchObject({ openBytes: 3, openText: "a\nb" });
    expect(measure(100, "a", "", "\n", "", "\n")).toMatchObject({ openBytes: 0 });
  });

  test("shows its first 200 characters and counts all of them", () => {
    const part = "x".repeat(150);

    expect(measure(1_000, part, part, part)).toMatchObject({ openBytes: 450, openText: "x".repeat(200) });
    expect(measure(1_000, part, part, "\n\n", "yy")).toMatchObject({ openBytes: 2, openText: "yy" });
  });
});

describe("the admitted text", () => {
  test("is everything within the limit, for each block on its own", () => {
    expect(measure(4, "abc\n\nabc\n\n").admitted).toEqual([10]);
    expect(measure(4, "").admitted).toEqual([0]);
    expect(measure(2, "ab").admitted).toEqual([2]);
  });

  test("ends before the first oversized block", () => {
    expect(measure(4, "abc\n\nabcd\n\nab\n\n").admitted).toEqual([5]);
    expect(measure(4, "abcd\n\n").admitted).toEqual([0]);
    expect(measure(4, "abc\n\n\n\nabcde").admitted).toEqual([7]);
  });

  test("counts bytes, not characters", () => {
    expect(measure(4, "üü").admitted).toEqual([2]);
    expect(measure(3, "üü").admitted).toEqual([0]);
    expect(measure(3, "€").admitted).toEqual([1]);
    expect(measure(2, "€").admitted).toEqual([0]);
  });

  test("counts a block across all texts that contain a part of it", () => {
    expect(measure(4, "ab", "c\n", "\nabc").admitted).toEqual([2, 2, 4]);
    expect(measure(4, "ab", "cde").admitted).toEqual([2, 0]);
    expect(measure(4, "ab\n", "\n\nabcde").admitted).toEqual([3, 2]);
  });

  test("does not count blank lines", () => {
    expect(measure(2, "\n\n\n\n\n\na\n").admitted).toEqual([8]);
    expect(measure(2, "a\n", "\n\n\n\n\n").admitted).toEqual([2, 5]);
  });
});
