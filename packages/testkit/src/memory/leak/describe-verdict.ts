import { formatBytes } from "../format-bytes.js";
import type { ConclusiveVerdict } from "./verdict.js";

/** The numbers behind a verdict in one line: the slope with its interval, what it comes to, and the medians. */
export function describeVerdict(found: Omit<ConclusiveVerdict, "reason">): string {
  const { slope, bounds, step, firstMedianBytes, lastMedianBytes, growthBytes } = found;
  const percent = Math.round(slope.confidence * 100);
  const interval = `${percent} %: ${formatBytes(slope.low)} to ${formatBytes(slope.high)}`;
  const ahead = formatBytes(slope.low * bounds.remainingCycles);
  const parts = [
    `${formatBytes(slope.bytesPerCycle)} a cycle (${interval})`,
    `so at least ${ahead} in ${bounds.remainingCycles} cycles (limit ${formatBytes(bounds.limitBytes)})`,
    `median ${formatBytes(firstMedianBytes)} at first, ${formatBytes(lastMedianBytes)} at last`,
    `growth over the run ${formatBytes(growthBytes)} (limit ${formatBytes(bounds.minGrowthBytes)})`,
  ];
  if (step !== undefined) parts.unshift(`one jump of ${formatBytes(step.bytes)} at cycle ${step.atCycle}`);
  return parts.join("; ");
}
