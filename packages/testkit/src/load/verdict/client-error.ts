import type { MetricKey } from "../metrics/definitions.js";
import { countTokens } from "../metrics/request-record.js";
import type { LoadResult } from "../result.js";
import { median } from "../stats/quantile.js";

/**
 * By how many ms the client itself may have moved a latency: the event-loop delay (p99) of its worst thread, the typical one of these
 * runs. For TPOT it is spread over the tokens, because a late event loop moves only the ends of a request.
 */
export function findClientError(runs: readonly LoadResult[], metric: MetricKey): number {
  const delayMs = median(runs.map((run) => Math.max(0, ...run.clients.map((client) => client.eventLoopDelayP99Ms))));
  if (metric !== "tpot") return delayMs;
  const ok = runs.flatMap((run) => run.records.filter(({ status }) => status === "ok"));
  return delayMs / Math.max(1, median(ok.map((record) => countTokens(record).count)) - 1);
}
