import { median } from "../../numbers/index.js";
import type { RequestRecord } from "../metrics/request-record.js";
import type { RateReport } from "../result.js";

/**
 * The rate at which requests were sent, and the rate of the schedule. A client that cannot keep up falls further and further behind: the
 * delay of the last tenth of the requests minus that of the first tenth is the extra time it took. Medians are used so that one late
 * request at the end does not lower the rate. `null` for a schedule without a duration, such as a single burst.
 *
 * @param all by index. Only the first request of a conversation is on the schedule.
 */
export function reportRate(all: readonly RequestRecord[]): RateReport | null {
  const records = all.filter(({ turn = 0 }) => turn === 0);
  const plannedMs = (records.at(-1)?.schedMs ?? 0) - (records[0]?.schedMs ?? 0);
  if (!(plannedMs > 0)) return null;
  const tenth = Math.max(1, Math.floor(records.length / 10));
  const behindMs = medianDelay(records.slice(-tenth)) - medianDelay(records.slice(0, tenth));
  const takenMs = plannedMs + Math.max(0, behindMs);
  const intervalCount = records.length - 1;
  return {
    requestedPerSec: round((intervalCount * 1000) / plannedMs),
    achievedPerSec: round((intervalCount * 1000) / takenMs),
    ratio: round(plannedMs / takenMs),
  };
}

function medianDelay(records: readonly RequestRecord[]): number {
  return median(records.map(({ schedMs, sendMs }) => sendMs - schedMs));
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
