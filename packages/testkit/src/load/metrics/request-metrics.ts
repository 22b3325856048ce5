import { METRICS, metricOf, type RequestMetric } from "./registry.js";
import type { RequestRecord } from "./request-record.js";

/** The value of a metric for one request in ms, `undefined` if the request has none. See METRIC_DEFINITIONS. */
export function measureRequest(record: RequestRecord, metric: RequestMetric): number | undefined {
  const value: number | null | undefined = METRICS[metric].measure(record);
  return value === null || Number.isNaN(value) ? undefined : value;
}

/** The values of a metric over the requests it covers: the ok ones, or for the client delay all that were sent. */
export function collectValues(records: readonly RequestRecord[], metric: RequestMetric): number[] {
  const entry = metricOf(metric);
  const isOfAll = entry.kind === "request" && entry.requests === "sent";
  const values: number[] = [];
  for (const record of records) {
    if (record.status !== "ok" && !isOfAll) continue;
    const value = measureRequest(record, metric);
    if (value !== undefined) values.push(value);
  }
  return values;
}
