import { formatBytes } from "../../numbers/index.js";
import type { ConclusiveVerdict } from "./verdict.js";

type Found = Omit<ConclusiveVerdict, "reason">;

/** The numbers behind a verdict in one line: the slope with its interval, the implied growth, and the medians. */
export function describeVerdict(found: Found, setback?: string): string {
  const { slope, bounds, step, firstMedianBytes, lastMedianBytes, growthBytes } = found;
  const percent = Math.round(slope.confidence * 100);
  const interval = `${percent} %: ${formatBytes(slope.low)} to ${formatBytes(slope.high)}`;
  const ahead = formatBytes(aheadOf(found));
  const parts = [
    `${formatBytes(slope.bytesPerCycle)} a cycle (${interval})`,
    `so at least ${ahead} in ${bounds.remainingCycles} cycles (limit ${formatBytes(bounds.limitBytes)})`,
    `median ${formatBytes(firstMedianBytes)} at the start, ${formatBytes(lastMedianBytes)} at the end`,
    `growth over the run ${formatBytes(growthBytes)} (limit ${formatBytes(bounds.minGrowthBytes)})`,
  ];
  if (step !== undefined) parts.unshift(`one jump of ${formatBytes(step.bytes)} at cycle ${step.atCycle}`);
  return [...explainGrowth(found, setback), ...parts].join("; ");
}

/** Explains growth that is certain but not a leak: that it did not last, or which threshold it is below, and how to lower that. */
function explainGrowth(found: Found, setback: string | undefined): string[] {
  const { status, slope, bounds, growthBytes } = found;
  if (status !== "none" || !(slope.low > 0)) return [];
  if (setback !== undefined) return [`memory grows, but not for good: ${setback}`];
  const { limitBytes, minGrowthBytes, remainingCycles } = bounds;
  const thresholds = [
    ...(growthBytes > minGrowthBytes
      ? []
      : [`its growth over the run is not above \`minGrowthBytes\` (${formatBytes(minGrowthBytes)})`]),
    ...(aheadOf(found) > limitBytes
      ? []
      : [`its growth in ${remainingCycles} cycles is not above \`limitBytes\` (${formatBytes(limitBytes)})`]),
  ];
  if (thresholds.length === 0) return [];
  return [`memory grows, but too little to be called a leak: ${thresholds.join(", and ")}`];
}

function aheadOf({ slope, bounds }: Found): number {
  return slope.low * bounds.remainingCycles;
}
