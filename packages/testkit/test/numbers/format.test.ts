import { expect, test } from "vitest";
import {
  formatBytes,
  formatCount,
  formatMs,
  formatNumber,
  formatP,
  formatShare,
  formatValue,
  plural,
} from "../../src/numbers/index.js";

test.each([
  [0, "0 ms"],
  [0.0004, "0 ms"],
  [0.1234, "0.123 ms"],
  [1.24, "1.24 ms"],
  [123.4, "123 ms"],
  [999.4, "999 ms"],
  [999.5, "1 s"],
  [1_000, "1 s"],
  [1_234, "1.23 s"],
  [59_949, "59.9 s"],
  [59_960, "60 s"],
  [119_499, "119 s"],
  [119_500, "2 min"],
  [120_000, "2 min"],
  [150_000, "2 min 30 s"],
  [179_499, "2 min 59 s"],
  [179_999, "3 min"],
  [262_700, "4 min 23 s"],
  [3_599_499, "59 min 59 s"],
  [3_599_500, "1 h"],
  [3_630_000, "1 h 1 min"],
  [7_170_000, "2 h"],
  [90_000_000, "25 h"],
  [-0.0001, "0 ms"],
  [-1_500, "-1.5 s"],
  [-179_999, "-3 min"],
  [NaN, "–"],
  [Infinity, "–"],
  [null, "–"],
  [undefined, "–"],
])("formatMs(%d) is %s", (ms, text) => expect(formatMs(ms)).toBe(text));

test("law: no duration up to two days is shown as 60 s, 60 min or 1,000 ms", () => {
  const wrong: string[] = [];
  for (let ms = 500; ms < 172_800_000; ms = ms * 1.0007 + 0.3) {
    const text = formatMs(ms);
    if (/min 60 s|h 60 min|1,000 ms|1000 ms/.test(text)) wrong.push(`${ms}: ${text}`);
  }
  expect(wrong).toEqual([]);
});

test.each([
  [0, "0 B"],
  [1, "1 B"],
  [1_023, "1023 B"],
  [1_023.4, "1023 B"],
  [1_023.6, "1.0 KiB"],
  [1_024, "1.0 KiB"],
  [1_536, "1.5 KiB"],
  [1_048_524, "1023.9 KiB"],
  [1_048_525, "1.0 MiB"],
  [1_048_575, "1.0 MiB"],
  [67_108_864, "64.0 MiB"],
  [491_400_032, "468.6 MiB"],
  [1_073_741_823, "1.00 GiB"],
  [2_500_000_000, "2.33 GiB"],
  [1_099_511_627_775, "1.00 TiB"],
  [1024 ** 5, "1024.00 TiB"],
  [-1_536, "-1.5 KiB"],
  [-1_048_575, "-1.0 MiB"],
  [-0.2, "0 B"],
  [NaN, "–"],
])("formatBytes(%d) is %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

test.each([
  [0, "0"],
  [0.12345, "0.123"],
  [0.9996, "1"],
  [1.2345, "1.23"],
  [9.996, "10"],
  [12.345, "12.3"],
  [99.96, "100"],
  [12_345.6, "12,346"],
  [-0.0001, "0"],
  [Infinity, "–"],
])("formatNumber(%d) is %s", (value, text) => expect(formatNumber(value)).toBe(text));

test.each([
  [1, "p = 1.0000"],
  [0.01234, "p = 0.0123"],
  [0.0001, "p = 0.0001"],
  [0.00009999, "p < 0.0001"],
  [0, "p < 0.0001"],
])("formatP(%d) is %s: a p-value is never printed as zero", (p, text) => expect(formatP(p)).toBe(text));

test.each([
  [0.125, "share", "12.5 %"],
  [1, "requests", "1 request"],
  [0, "requests", "0 requests"],
  [2, "requests", "2 requests"],
  [1, "requests/s", "1 request/s"],
  [1.5, "requests/s", "1.5 requests/s"],
  [1, "tokens/s", "1 token/s"],
  [1, "ms", "1 ms"],
])("formatValue(%d, %s) is %s", (value, unit, text) => expect(formatValue(value, unit)).toBe(text));

test("counts are grouped, and their noun agrees with them", () => {
  expect(formatCount(1_234_567)).toBe("1,234,567");
  expect(plural(1, "request")).toBe("1 request");
  expect(plural(2_000, "request")).toBe("2,000 requests");
  expect(plural(0, "request")).toBe("0 requests");
  expect(formatShare(0.5)).toBe("50 %");
});
