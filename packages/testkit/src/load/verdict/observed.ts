import { quantileSorted, sortNumbers } from "../../numbers/index.js";
import { PERCENTILES, round } from "../metrics/distribution.js";
import { metricOf, type RequestMetric } from "../metrics/registry.js";
import { collectValues } from "../metrics/request-metrics.js";
import type { Sides } from "./compared.js";
import type { ComparedStatistic } from "./run-samples.js";

/** A statistic over all requests of each side: to be looked at, because it has too few samples to be judged. */
export interface ObservedSides {
  readonly baseline: number;
  readonly current: number;
  /** How much worse it is: 0.3 is 30 %, negative is better; `null` if the baseline is 0. */
  readonly worseBy: number | null;
}

/** Only percentiles of requests can be observed; undefined for others, and without any value on a side. */
export function observeSides(sides: Sides, { metric, statistic }: ComparedStatistic): ObservedSides | undefined {
  if (statistic === "value" || metricOf(metric).kind !== "request") return undefined;
  const [baseline, current] = (["baseline", "current"] as const).map((side) => {
    const values = sides[side].flatMap((run) => collectValues(run.records, metric as RequestMetric));
    return values.length === 0 ? undefined : round(quantileSorted(sortNumbers(values), PERCENTILES[statistic]));
  });
  if (baseline === undefined || current === undefined) return undefined;
  const worseBy = baseline === current ? 0 : baseline === 0 ? null : (current - baseline) / baseline;
  return { baseline, current, worseBy };
}

/** What decides whether a metric moved. */
interface Moved {
  readonly status: string;
  readonly worseBy: number | null;
  readonly tolerance: number;
  readonly observed?: ObservedSides | undefined;
}

/** Whether a metric is worse beyond its tolerance, without that being proven. */
export function isMovedUnproven({ status, worseBy, tolerance, observed }: Moved): boolean {
  if (status !== "inconclusive" && status !== "advisory") return false;
  const by = observed?.worseBy ?? worseBy;
  return by !== null && by > tolerance;
}
