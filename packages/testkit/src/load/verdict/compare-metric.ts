import { METRIC_DEFINITIONS, type MetricDefinition, type MetricKey } from "../metrics/definitions.js";
import { shiftBetween } from "../stats/hodges-lehmann.js";
import { rankTest } from "../stats/mann-whitney.js";
import { median } from "../stats/quantile.js";
import type { LoadResult } from "../result.js";
import { findClientError } from "./client-error.js";
import type { ResolvedCompareOptions } from "./compare-options.js";
import { takeSamples, type ComparedStatistic, type SampleKind } from "./run-samples.js";

/** One metric of two sides, with everything that its status rests on. */
export interface MetricComparison {
  /** `advisory`: told, but without influence on the verdict, because it cannot be judged from what there is. */
  readonly status: "pass" | "fail" | "inconclusive" | "advisory";
  /** Key of the definition. */
  readonly metric: MetricKey;
  readonly statistic: "p50" | "p95" | "p99" | "value";
  readonly unit: MetricDefinition["unit"];
  /** Median of the samples; `null` without any. */
  readonly baseline: number | null;
  readonly current: number | null;
  /** How much worse it has become: 0.3 is 30 %, negative is better. Relative, `null` to a baseline of 0; for shares the difference. */
  readonly worseBy: number | null;
  /** Median of all pairwise differences, current − baseline (Hodges and Lehmann). */
  readonly shift: number | null;
  /** One-sided: the chance of such a difference for the worse between equal sides (Mann and Whitney). */
  readonly p: number | null;
  readonly tolerance: number;
  /** By how many ms the client itself may have moved the values; `null` for what is not measured in ms. */
  readonly clientErrorMs: number | null;
  readonly samples: {
    readonly kind: SampleKind;
    readonly baseline: readonly number[];
    readonly current: readonly number[];
  };
  readonly message: string;
}

/** Compares one metric. */
export function compareMetric(
  sides: {
    readonly baseline: readonly LoadResult[];
    readonly current: readonly LoadResult[];
    readonly kind: SampleKind;
  },
  compared: ComparedStatistic,
  options: ResolvedCompareOptions,
): MetricComparison {
  const { metric, statistic } = compared;
  const { unit } = METRIC_DEFINITIONS[metric];
  const isTail = statistic === "p95" || statistic === "p99";
  const tolerance = isTail ? options.tailTolerance : options.tolerance;
  const clientErrorMs = unit === "ms" ? findClientError([...sides.baseline, ...sides.current], compared) : null;
  const common = { metric, statistic, unit, tolerance, clientErrorMs };
  const baseline = takeSamples(sides.baseline, compared, sides.kind);
  const current = takeSamples(sides.current, compared, sides.kind);
  const reason = [baseline, current].find((samples) => typeof samples === "string");
  if (reason !== undefined || typeof baseline === "string" || typeof current === "string") {
    const isAdvisory = isTail || statistic === "value" || metric === "gap";
    const nothing = { baseline: null, current: null, worseBy: null, shift: null, p: null };
    const samples = { kind: sides.kind, baseline: [], current: [] };
    const message = `${metric} ${statistic}: ${reason ?? ""}`;
    return { ...common, ...nothing, samples, status: isAdvisory ? "advisory" : "inconclusive", message };
  }
  return judge({ ...common, samples: { kind: sides.kind, baseline, current } }, options);
}

type Judged = Pick<MetricComparison, "metric" | "statistic" | "unit" | "tolerance" | "clientErrorMs" | "samples">;

function judge(judged: Judged, { alpha, resolutionMs }: ResolvedCompareOptions): MetricComparison {
  const { metric, unit, samples, tolerance, clientErrorMs } = judged;
  const isLowerBetter = METRIC_DEFINITIONS[metric].better === "lower";
  const [baseline, current] = [median(samples.baseline), median(samples.current)];
  const loss = isLowerBetter ? current - baseline : baseline - current;
  const worseBy = unit === "share" || loss === 0 ? loss : baseline === 0 ? null : loss / baseline;
  const test = rankTest(samples.baseline, samples.current);
  const p = isLowerBetter ? test.pGreater : test.pLess;
  const isBeyond = (worseBy === null ? loss > 0 : worseBy > tolerance) && (unit !== "ms" || loss > resolutionMs);
  const doubt =
    p > alpha ? "not significant" : loss <= (clientErrorMs ?? 0) ? "within the client's own error" : undefined;
  const status = !isBeyond ? "pass" : doubt === undefined ? "fail" : "inconclusive";
  const shift = shiftBetween(samples.baseline, samples.current);
  const figures = { baseline, current, worseBy, shift, p };
  const why = !isBeyond
    ? ""
    : `, beyond ${percent(tolerance)} ${doubt === undefined ? "and significant" : `but ${doubt}`}`;
  return { ...judged, ...figures, status, message: describe({ ...judged, ...figures }, why) };
}

function describe(
  { metric, statistic, unit, baseline, current, worseBy, p }: Omit<MetricComparison, "status" | "message">,
  why: string,
): string {
  const change =
    worseBy === null
      ? "no share of nothing"
      : worseBy > 0
        ? `${percent(worseBy)} worse`
        : `${percent(-worseBy)} better`;
  const name = statistic === "value" ? metric : `${metric} ${statistic}`;
  return `${name}: ${format(baseline)} → ${format(current)} ${unit}, ${change}${why} (p = ${(p ?? 1).toFixed(4)})`;
}

function format(value: number | null): string {
  return String(Math.round((value ?? NaN) * 100) / 100);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
