import { median } from "../../numbers/index.js";
import { isMeanOverTokens } from "../metrics/registry.js";
import { countTokens } from "../metrics/request-record.js";
import type { StoredLoadResult } from "../result.js";
import type { ComparedStatistic } from "./run-samples.js";

/**
 * By how many ms the client itself may have shifted a latency: a median by the median of its event-loop delay, a p95 by the p95. Each run
 * counts with its worst thread; the result is the median over the runs. For TPOT it is divided by the tokens, because a late event loop
 * shifts only the two ends of a request.
 */
export function findClientError(runs: readonly StoredLoadResult[], { metric, statistic }: ComparedStatistic): number {
  if (statistic === "value") return 0;
  const delayMs = median(
    runs.map(({ clients }) => Math.max(0, ...clients.map((client) => client.eventLoopDelayMs[statistic]))),
  );
  if (!isMeanOverTokens(metric)) return delayMs;
  const ok = runs.flatMap((run) => run.records.filter(({ status }) => status === "ok"));
  return delayMs / Math.max(1, median(ok.map((record) => countTokens(record).count)) - 1);
}
