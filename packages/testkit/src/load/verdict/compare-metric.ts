import { formatP, formatShare, median } from "../../numbers/index.js";
import type { MetricUnit, Statistic } from "../metrics/metric.js";
import { metricOf, type MetricKey } from "../metrics/registry.js";
import { shiftBetween } from "../stats/hodges-lehmann.js";
import { rankTest } from "../stats/mann-whitney.js";
import { findClientError } from "./client-error.js";
import type { ResolvedCompareOptions } from "./compare-options.js";
import { findLacking, nameOf, type Sides } from "./compared.js";
import { takeSamples, type ComparedStatistic, type SampleKind } from "./run-samples.js";

/** One metric of two sides, with everything that decides its status. */
export interface MetricComparison {
  /**
   * `not-comparable`: a side was stored without the metric. `advisory`: reported without affecting the comparison, because there is too
   * little data to judge it.
   */
  readonly status: "pass" | "fail" | "inconclusive" | "not-comparable" | "advisory";
  /** Key of the definition. */
  readonly metric: MetricKey;
  readonly statistic: Statistic;
  readonly unit: MetricUnit;
  /** Median of the samples; `null` without any. */
  readonly baseline: number | null;
  readonly current: number | null;
  /** How much worse it is: 0.3 is 30 %, negative is better. Relative, `null` if the baseline is 0; for shares the difference. */
  readonly worseBy: number | null;
  /** Median of all pairwise differences, current − baseline (Hodges and Lehmann). */
  readonly shift: number | null;
  /** One-sided: the chance that equal sides differ this much for the worse (Mann and Whitney). */
  readonly p: number | null;
  readonly tolerance: number;
  /** By how many ms the client itself may have shifted the values; `null` for metrics in other units. */
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
  sides: Sides & { readonly kind: SampleKind },
  compared: ComparedStatistic,
  options: ResolvedCompareOptions,
): MetricComparison {
  const { metric, statistic } = compared;
  const { unit, kind } = metricOf(metric);
  const isTail = statistic === "p95" || statistic === "p99";
  const tolerance = isTail ? options.tailTolerance : options.tolerance;
  const clientErrorMs = unit === "ms" ? findClientError([...sides.baseline, ...sides.current], compared) : null;
  const common = { metric, statistic, unit, tolerance, clientErrorMs };
  const lacking = findLacking(sides, metric);
  if (lacking.length > 0) return { ...common, ...withoutSamples(sides.kind), ...describeLacking(lacking, metric) };
  const baseline = takeSamples(sides.baseline, compared, sides.kind);
  const current = takeSamples(sides.current, compared, sides.kind);
  const reason = [baseline, current].find((samples) => typeof samples === "string");
  if (reason !== undefined || typeof baseline === "string" || typeof current === "string") {
    const isAdvisory = isTail || kind !== "request";
    const message = `${metric} ${statistic}: ${reason ?? ""}`;
    return { ...common, ...withoutSamples(sides.kind), status: isAdvisory ? "advisory" : "inconclusive", message };
  }
  return judge({ ...common, samples: { kind: sides.kind, baseline, current } }, options);
}

function withoutSamples(kind: SampleKind) {
  const samples = { kind, baseline: [], current: [] };
  return { baseline: null, current: null, worseBy: null, shift: null, p: null, samples };
}

/** A run of an older release lacks newer metrics; that is never a pass. */
function describeLacking(lacking: readonly ("baseline" | "current")[], metric: MetricKey) {
  const sides = lacking.map((side) => (side === "baseline" ? "the baseline" : "the current run")).join(" and ");
  const verb = lacking.length > 1 ? "lack" : "lacks";
  return { status: "not-comparable" as const, message: `not comparable: ${sides} ${verb} ${nameOf(metric)}` };
}

type Judged = Pick<MetricComparison, "metric" | "statistic" | "unit" | "tolerance" | "clientErrorMs" | "samples">;

function judge(judged: Judged, { alpha, resolutionMs }: ResolvedCompareOptions): MetricComparison {
  const { metric, unit, samples, tolerance, clientErrorMs } = judged;
  const isLowerBetter = metricOf(metric).better === "lower";
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
    : `, beyond ${formatShare(tolerance)} ${doubt === undefined ? "and significant" : `but ${doubt}`}`;
  return { ...judged, ...figures, status, message: describe({ ...judged, ...figures }, why) };
}

function describe(
  { metric, statistic, unit, baseline, current, worseBy, p }: Omit<MetricComparison, "status" | "message">,
  why: string,
): string {
  const name = statistic === "value" ? metric : `${metric} ${statistic}`;
  const [before, after] = [baseline, current].map((value) =>
    unit === "share" ? formatShare(value ?? NaN) : format(value),
  );
  const values = `${before ?? ""} → ${after ?? ""}${unit === "share" ? "" : ` ${unit}`}`;
  return `${name}: ${values}, ${describeChange(worseBy)}${why} (${formatP(p ?? 1)})`;
}

function describeChange(worseBy: number | null): string {
  if (worseBy === null) return "no relative change from 0";
  if (Math.abs(worseBy) < 0.0005) return "unchanged";
  return worseBy > 0 ? `${formatShare(worseBy)} worse` : `${formatShare(-worseBy)} better`;
}

function format(value: number | null): string {
  return String(Math.round((value ?? NaN) * 100) / 100);
}
