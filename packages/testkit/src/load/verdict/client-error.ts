import { median } from "../../numbers/index.js";
import { isMeanOverTokens, metricOf } from "../metrics/registry.js";
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
  return isMeanOverTokens(metric) ? delayMs / countSteps(runs) : delayMs;
}

/**
 * The smallest change in ms that counts: `resolutionMs` for the times of a request. For the times of a token (TPOT, inter-token latency) it
 * is divided by the tokens, because they are often below a millisecond.
 */
export function findResolution(
  runs: readonly StoredLoadResult[],
  { metric, statistic }: ComparedStatistic,
  resolutionMs: number,
): number {
  if (statistic === "value") return 0;
  const isOfToken = metricOf(metric).kind === "pooled" || isMeanOverTokens(metric);
  return isOfToken ? resolutionMs / countSteps(runs) : resolutionMs;
}

/** Steps from one token to the next in the median answer. */
function countSteps(runs: readonly StoredLoadResult[]): number {
  const ok = runs.flatMap((run) => run.records.filter(({ status }) => status === "ok"));
  return Math.max(1, median(ok.map((record) => countTokens(record).count)) - 1);
}
