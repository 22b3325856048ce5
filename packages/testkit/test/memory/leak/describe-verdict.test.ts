import { expect, test } from "vitest";
import { describeVerdict } from "../../../src/memory/leak/describe-verdict.js";
import { MIB } from "./samples.js";

type Found = Parameters<typeof describeVerdict>[0];

/** Grows by 1 MiB a cycle with certainty: 50 MiB over the run, 100 MiB in the cycles that remain. */
const found = (bounds: Partial<Found["bounds"]>, fields: Partial<Found> = {}): Found => ({
  status: "none",
  source: "process-tree",
  pointCount: 50,
  keptCount: 34,
  keptCycles: [16, 50],
  slope: { bytesPerCycle: MIB, low: MIB, high: MIB, confidence: 0.95, interceptBytes: 0 },
  firstMedianBytes: 500 * MIB,
  lastMedianBytes: 525 * MIB,
  growthBytes: 50 * MIB,
  bounds: { remainingCycles: 100, limitBytes: 100 * MIB, minGrowthBytes: 50 * MIB, ...bounds },
  ...fields,
});
const explanation = (one: Found) => describeVerdict(one).split("; ")[0];

test("growth that is exactly at a limit is not above it", () => {
  expect(explanation(found({}))).toBe(
    "memory grows, but too little to be called a leak: " +
      "its growth over the run is not above `minGrowthBytes` (50.0 MiB), and " +
      "its growth in 100 cycles is not above `limitBytes` (100.0 MiB)",
  );
});

test("only the limit that it is not above is named", () => {
  expect(explanation(found({ limitBytes: 99 * MIB }))).toBe(
    "memory grows, but too little to be called a leak: " +
      "its growth over the run is not above `minGrowthBytes` (50.0 MiB)",
  );
  expect(explanation(found({ minGrowthBytes: 49 * MIB }))).toBe(
    "memory grows, but too little to be called a leak: its growth in 100 cycles is not above `limitBytes` (100.0 MiB)",
  );
});

test("a slope that may be zero is not called growth", () => {
  const slope = { bytesPerCycle: MIB, low: 0, high: MIB, confidence: 0.9, interceptBytes: 0 } as const;

  expect(describeVerdict(found({}, { slope }))).toMatch(/^1\.0 MiB a cycle \(90 %: 0 B to 1\.0 MiB\); so at least 0 B/);
});

test("a step is named first", () => {
  const step = { atCycle: 20, bytes: 80 * MIB };

  expect(explanation(found({}, { status: "step", step }))).toBe("one jump of 80.0 MiB at cycle 20");
});
