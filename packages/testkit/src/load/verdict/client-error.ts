import { countTokens } from "../metrics/request-record.js";
import type { LoadResult } from "../result.js";
import { median } from "../stats/quantile.js";
import type { ComparedStatistic } from "./run-samples.js";

/**
 * By how many ms the client itself may have moved a latency: a median by the median of its event-loop delay, a p95 by the p95; of its worst
 * thread, and the typical one of these runs. For TPOT it is spread over the tokens, because a late event loop moves only the ends of a
 * request.
 */
export function findClientError(runs: readonly LoadResult[], { metric, statistic }: ComparedStatistic): number {
  if (statistic === "value") return 0;
  const delayMs = median(
    runs.map(({ clients }) => Math.max(0, ...clients.map((client) => client.eventLoopDelayMs[statistic]))),
  );
  if (metric !== "tpot") return delayMs;
  const ok = runs.flatMap((run) => run.records.filter(({ status }) => status === "ok"));
  return delayMs / Math.max(1, median(ok.map((record) => countTokens(record).count)) - 1);
}
