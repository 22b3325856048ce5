import type { RequestMetric } from "./definitions.js";
import { countTokens, type RequestRecord } from "./request-record.js";

/** The value of a metric for one request, `undefined` where the request has none. In ms. See METRIC_DEFINITIONS. */
export function measureRequest(record: RequestRecord, metric: RequestMetric): number | undefined {
  const { schedMs, sendMs, firstMs, lastMs, longestStallMs } = record;
  switch (metric) {
    case "clientDelay":
      return sendMs - schedMs;
    case "ttft":
      return firstMs === null ? undefined : firstMs - sendMs;
    case "ttftFromSchedule":
      return firstMs === null ? undefined : firstMs - schedMs;
    case "e2e":
      return lastMs === null ? undefined : lastMs - sendMs;
    case "e2eFromSchedule":
      return lastMs === null ? undefined : lastMs - schedMs;
    case "longestStall":
      return longestStallMs ?? undefined;
    case "tpot": {
      const { count } = countTokens(record);
      return firstMs === null || lastMs === null || count < 2 ? undefined : (lastMs - firstMs) / (count - 1);
    }
  }
}

/**
 * The values of a metric over all requests that count: the ok ones, for the client delay all that were sent.
 */
export function collectValues(records: readonly RequestRecord[], metric: RequestMetric): number[] {
  const values: number[] = [];
  for (const record of records) {
    if (record.status !== "ok" && metric !== "clientDelay") continue;
    const value = measureRequest(record, metric);
    if (value !== undefined) values.push(value);
  }
  return values;
}
