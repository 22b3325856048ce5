import { median } from "../../numbers/index.js";
import type { RequestRecord } from "../metrics/request-record.js";
import type { RateReport } from "../result.js";

/**
 * The rate at which requests went out, beside the one of the schedule. A client that cannot keep up falls behind more and more: what it
 * was late in the last tenth of the requests, beyond what it was in the first, is the time that it took longer. Medians of tenths, because
 * one late request at the end is no lower rate. `null` for a schedule without a stretch of time, e.g. a single burst.
 *
 * @param records by index.
 */
export function reportRate(records: readonly RequestRecord[]): RateReport | null {
  const plannedMs = (records.at(-1)?.schedMs ?? 0) - (records[0]?.schedMs ?? 0);
  if (!(plannedMs > 0)) return null;
  const tenth = Math.max(1, Math.floor(records.length / 10));
  const behindMs = medianDelay(records.slice(-tenth)) - medianDelay(records.slice(0, tenth));
  const takenMs = plannedMs + Math.max(0, behindMs);
  const gapCount = records.length - 1;
  return {
    requestedPerSec: round((gapCount * 1000) / plannedMs),
    achievedPerSec: round((gapCount * 1000) / takenMs),
    ratio: round(plannedMs / takenMs),
  };
}

function medianDelay(records: readonly RequestRecord[]): number {
  return median(records.map(({ schedMs, sendMs }) => sendMs - schedMs));
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
