import { formatP, formatShare, median } from "../../numbers/index.js";
import type { MetricUnit, Statistic } from "../metrics/metric.js";
import { isErrorShare, metricOf, nameStatistic, type MetricKey } from "../metrics/registry.js";
import { shiftBetween } from "../stats/hodges-lehmann.js";
import { rankTest } from "../stats/mann-whitney.js";
import { meanOf, standardError } from "../stats/standard-error.js";
import { findClientError, findResolution } from "./client-error.js";
import type { ResolvedCompareOptions } from "./compare-options.js";
import { findLacking, nameOf, type Sides } from "./compared.js";
import { isMovedUnproven, observeSides, type ObservedSides } from "./observed.js";
import { LEAST_SAMPLES, takeSamples, type ComparedStatistic, type SampleKind } from "./run-samples.js";

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
  /** Median of the samples, for `errorRate` their mean; `null` without any. */
  readonly baseline: number | null;
  readonly current: number | null;
  /** How much worse it is: 0.3 is 30 %, negative is better. Relative, `null` if the baseline is 0; for shares the difference. */
  readonly worseBy: number | null;
  /** Median of all pairwise differences, current − baseline (Hodges and Lehmann). */
  readonly shift: number | null;
  /** One-sided: the chance that equal sides differ this much for the worse (Mann and Whitney); `null` with fewer than five runs a side. */
  readonly p: number | null;
  readonly tolerance: number;
  /** By how many ms the client itself may have shifted the values; `null` for metrics in other units. */
  readonly clientErrorMs: number | null;
  readonly samples: {
    readonly kind: SampleKind;
    readonly baseline: readonly number[];
    readonly current: readonly number[];
  };
  /** The statistic over all requests of each side, if there are too few samples to compare it; absent otherwise. */
  readonly observed?: ObservedSides | undefined;
  readonly message: string;
}

/** Compares one metric. With fewer than five runs on a side, its values are reported, but not judged. */
export function compareMetric(
  sides: Sides,
  compared: ComparedStatistic,
  options: ResolvedCompareOptions,
): MetricComparison {
  const { metric, statistic } = compared;
  const { unit, kind } = metricOf(metric);
  const isTail = statistic === "p95" || statistic === "p99";
  const runs = [...sides.baseline, ...sides.current];
  const clientErrorMs = unit === "ms" ? findClientError(runs, compared) : null;
  const common = { metric, statistic, unit, tolerance: chooseTolerance(compared, options), clientErrorMs };
  const lacking = findLacking(sides, metric);
  if (lacking.length > 0) return { ...common, ...WITHOUT_SAMPLES, ...describeLacking(lacking, metric) };
  const baseline = takeSamples(sides.baseline, compared);
  const current = takeSamples(sides.current, compared);
  const reason = [baseline, current].find((samples) => typeof samples === "string");
  if (reason !== undefined || typeof baseline === "string" || typeof current === "string") {
    const isAdvisory = isTail || kind !== "request";
    const status = isAdvisory ? ("advisory" as const) : ("inconclusive" as const);
    return describeObserved({ ...common, ...WITHOUT_SAMPLES, status, message: reason ?? "" }, sides, compared);
  }
  const judged = allowChance({ ...common, samples: { kind: "runs", baseline, current } });
  if (Math.min(baseline.length, current.length) < LEAST_SAMPLES) return describeTooFew(judged);
  return judge(judged, { ...options, resolutionMs: findResolution(runs, compared, options.resolutionMs) });
}

/** Too few samples to judge, but not too few to look at: both values are shown, and that they prove nothing. */
function describeObserved(comparison: MetricComparison, sides: Sides, compared: ComparedStatistic): MetricComparison {
  const name = nameStatistic(compared.metric, compared.statistic);
  const observed = observeSides(sides, compared);
  if (observed === undefined) return { ...comparison, message: `${name}: ${comparison.message}` };
  const seen = { ...comparison, ...observed, p: null };
  const verdict = isMovedUnproven({ ...comparison, observed }) ? "moved, not proven" : "not judged";
  return { ...comparison, observed, message: describe(seen, `; ${verdict}: ${comparison.message}`) };
}

const WITHOUT_SAMPLES = {
  ...{ baseline: null, current: null, worseBy: null, shift: null, p: null },
  samples: { kind: "runs", baseline: [], current: [] },
} as const;

function chooseTolerance({ metric, statistic }: ComparedStatistic, options: ResolvedCompareOptions): number {
  if (isErrorShare(metric)) return options.errorTolerance;
  return statistic === "p95" || statistic === "p99" ? options.tailTolerance : options.tolerance;
}

/** A run of an older release lacks newer metrics; that is never a pass. */
function describeLacking(lacking: readonly ("baseline" | "current")[], metric: MetricKey) {
  const sides = lacking.map((side) => (side === "baseline" ? "the baseline" : "the current run")).join(" and ");
  const verb = lacking.length > 1 ? "lack" : "lacks";
  return { status: "not-comparable" as const, message: `not comparable: ${sides} ${verb} ${nameOf(metric)}` };
}

type Judged = Pick<MetricComparison, "metric" | "statistic" | "unit" | "tolerance" | "clientErrorMs" | "samples">;

/** Where requests failed before as well, their share may rise by twice its standard error; where none did, every error counts. */
function allowChance(judged: Judged): Judged {
  const { baseline, current } = judged.samples;
  if (!isErrorShare(judged.metric) || meanOf(baseline) === 0) return judged;
  const chance = Math.min(baseline.length, current.length) < LEAST_SAMPLES ? 0 : standardError(baseline, current);
  return { ...judged, tolerance: Math.max(judged.tolerance, 2 * chance) };
}

/** The values of both sides, and by how much the current ones are worse. */
function measure({ metric, unit, samples }: Judged) {
  const centreOf = isErrorShare(metric) ? meanOf : median; // most runs have no error at all
  const [baseline, current] = [centreOf(samples.baseline), centreOf(samples.current)];
  const loss = metricOf(metric).better === "lower" ? current - baseline : baseline - current;
  const worseBy = unit === "share" || loss === 0 ? loss : baseline === 0 ? null : loss / baseline;
  return { baseline, current, loss, worseBy, shift: shiftBetween(samples.baseline, samples.current) };
}

function describeTooFew(judged: Judged): MetricComparison {
  const { loss: _, ...figures } = measure(judged);
  const { baseline, current } = judged.samples;
  const verdict = isMovedUnproven({ ...judged, ...figures, status: "inconclusive" })
    ? "moved, not proven"
    : "not judged";
  const why = `; ${verdict}: it takes ${LEAST_SAMPLES} runs on each side (have ${baseline.length} and ${current.length})`;
  const message = describe({ ...judged, ...figures, p: null }, why);
  return { ...judged, ...figures, p: null, status: "inconclusive", message };
}

function judge(judged: Judged, options: ResolvedCompareOptions): MetricComparison {
  const { metric, unit, samples, tolerance } = judged;
  const { loss, ...measured } = measure(judged);
  const test = rankTest(samples.baseline, samples.current);
  const figures = { ...measured, p: metricOf(metric).better === "lower" ? test.pGreater : test.pLess };
  const { worseBy } = measured;
  const isBeyond =
    (worseBy === null ? loss > 0 : worseBy > tolerance) && (unit !== "ms" || loss > options.resolutionMs);
  if (!isBeyond) return { ...judged, ...figures, status: "pass", message: describe({ ...judged, ...figures }, "") };
  const doubt = findDoubt({ ...judged, ...figures }, loss, options);
  const why = `, beyond ${formatShare(tolerance)} ${doubt === undefined ? "and significant" : `but ${doubt}`}`;
  const status = doubt === undefined ? "fail" : "inconclusive";
  return { ...judged, ...figures, status, message: describe({ ...judged, ...figures }, why) };
}

/** Why a difference beyond the tolerance may be chance, or the client's; undefined if it is certain. */
function findDoubt(
  { metric, unit, samples, tolerance, clientErrorMs, baseline, shift, p }: Omit<MetricComparison, "status" | "message">,
  loss: number,
  { alpha }: ResolvedCompareOptions,
): string | undefined {
  if ((p ?? 1) > alpha) return "not significant";
  const allowed = unit === "share" ? tolerance : tolerance * (baseline ?? 0);
  const certain = isErrorShare(metric) ? loss : Math.abs(shift ?? 0);
  if (certain - standardError(samples.baseline, samples.current) <= allowed) {
    return "by less than its standard error";
  }
  return loss <= (clientErrorMs ?? 0) ? "within the client's own error" : undefined;
}

function describe(
  { metric, statistic, unit, baseline, current, worseBy, p }: Omit<MetricComparison, "status" | "message">,
  why: string,
): string {
  const name = nameStatistic(metric, statistic);
  const [before, after] = [baseline, current].map((value) =>
    unit === "share" ? formatShare(value ?? NaN) : format(value),
  );
  const values = `${before ?? ""} → ${after ?? ""}${unit === "share" ? "" : ` ${unit}`}`;
  return `${name}: ${values}, ${describeChange(worseBy)}${why}${p === null ? "" : ` (${formatP(p)})`}`;
}

function describeChange(worseBy: number | null): string {
  if (worseBy === null) return "no relative change from 0";
  if (Math.abs(worseBy) < 0.0005) return "unchanged";
  return worseBy > 0 ? `${formatShare(worseBy)} worse` : `${formatShare(-worseBy)} better`;
}

function format(value: number | null): string {
  return String(Math.round((value ?? NaN) * 100) / 100);
}
