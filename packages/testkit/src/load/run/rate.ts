import type { RequestRecord } from "../metrics/request-record.js";
import type { RateReport } from "../result.js";

/**
 * The rate at which requests went out, beside the one of the schedule: both over the stretch from the first planned time, so their
 * ratio tells how much longer the client took than planned. `null` for a schedule without a stretch, e.g. a single burst.
 */
export function reportRate(records: readonly RequestRecord[]): RateReport | null {
  let [firstMs, lastSchedMs, lastSendMs] = [Infinity, -Infinity, -Infinity];
  for (const { schedMs, sendMs } of records) {
    firstMs = Math.min(firstMs, schedMs);
    lastSchedMs = Math.max(lastSchedMs, schedMs);
    lastSendMs = Math.max(lastSendMs, sendMs);
  }
  const plannedMs = lastSchedMs - firstMs;
  if (!(plannedMs > 0)) return null;
  const takenMs = Math.max(lastSendMs - firstMs, plannedMs);
  const gapCount = records.length - 1;
  return {
    requestedPerSec: round((gapCount * 1000) / plannedMs),
    achievedPerSec: round((gapCount * 1000) / takenMs),
    ratio: round(plannedMs / takenMs),
  };
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
