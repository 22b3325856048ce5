import { expect, test } from "vitest";
import { formatBytes, formatMs, formatRate } from "../../src/cli/output/index.js";

test.for([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [491_400_032, "491.4 MB"],
  [2_500_000_000, "2.5 GB"],
] as const)("formatBytes(%i) is %s", ([bytes, text]) => expect(formatBytes(bytes)).toBe(text));

test.for([
  [1.24, "1.2 ms"],
  [123.4, "123 ms"],
  [1234, "1.23 s"],
  [262_700, "4 min"],
] as const)("formatMs(%d) is %s", ([ms, text]) => expect(formatMs(ms)).toBe(text));

test.for([
  [12.34, "12.3"],
  [1234.5, "1235"],
] as const)("formatRate(%d) is %s", ([rate, text]) => expect(formatRate(rate)).toBe(text));
