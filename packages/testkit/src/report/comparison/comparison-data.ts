import { quantileSorted, sortNumbers } from "../../numbers/index.js";
import { ItlHistogram } from "../../load/metrics/itl-histogram.js";
import { PERCENTILES } from "../../load/metrics/distribution.js";
import type { JudgedFrom } from "../../load/metrics/judged-from.js";
import type { MetricDefinition } from "../../load/metrics/metric.js";
import { LATENCY_METRICS, METRIC_DEFINITIONS, metricOf, type LatencyMetric } from "../../load/metrics/registry.js";
import { collectValues } from "../../load/metrics/request-metrics.js";
import type { RequestMetric } from "../../load/metrics/registry.js";
import type { MetricComparison } from "../../load/verdict/compare-metric.js";
import type { RunComparison, StoredLoadResult } from "../../load/index.js";
import { readVersion } from "../../system/index.js";
import { CURVE_SHARES, describeCurve } from "../curve.js";
import type { Headline } from "../headline.js";
import type { CurvePoint } from "../run-report.js";
import { describeComparisonHeadline } from "./comparison-headline.js";

/** A run that is compared, with the name that its reader knows it by. */
export interface NamedRun {
  /** Its path. */
  readonly name: string;
  readonly load: StoredLoadResult;
}

/** The two sides of a comparison. */
export type NamedSides = Readonly<Record<"baseline" | "current", readonly NamedRun[]>>;

/** One run, as far as the page of a comparison shows it. */
interface ComparedRun {
  readonly name: string;
  readonly startedAt: string;
  readonly attempted: number;
  readonly ok: number;
  /** Why it is left out; empty if it is valid. */
  readonly invalid: readonly string[];
  readonly workerVersion: string | null;
}

/** One side, over all its valid runs. */
export interface ComparedSide {
  readonly runs: readonly ComparedRun[];
  /** In ms. */
  readonly curves: Readonly<Partial<Record<LatencyMetric, readonly CurvePoint[]>>>;
}

/** The values of one metric in each valid run, in the order of the runs. */
export type RunDots = Readonly<Record<"baseline" | "current", readonly number[]>>;

/** The data of the page of a comparison. */
export interface ComparisonPageData {
  readonly title: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly generator: { readonly name: string; readonly version: string };
  readonly headline: Headline;
  readonly outcome: RunComparison;
  /** From when on the times of the runs count. */
  readonly judgedFrom: JudgedFrom;
  readonly sides: Readonly<Record<"baseline" | "current", ComparedSide>>;
  /** One for each of `outcome.metrics`. */
  readonly dots: readonly RunDots[];
  readonly definitions: Readonly<Record<string, MetricDefinition>>;
}

/** Extracts from the runs what the page shows; the records are left out. */
export async function toComparisonData(outcome: RunComparison, sides: NamedSides): Promise<ComparisonPageData> {
  return {
    title: `${nameSide(sides.current)} compared with ${nameSide(sides.baseline)}`,
    createdAt: new Date().toISOString(),
    generator: { name: "inference-testkit", version: readVersion() },
    headline: describeComparisonHeadline(outcome),
    outcome,
    judgedFrom: sides.current[0]?.load.plan.judgedFrom ?? "send",
    sides: { baseline: await describeSide(sides.baseline), current: await describeSide(sides.current) },
    dots: outcome.metrics.map((metric) => {
      return { baseline: listDots(metric, "baseline", sides), current: listDots(metric, "current", sides) };
    }),
    definitions: METRIC_DEFINITIONS,
  };
}

function nameSide([first, ...others]: readonly NamedRun[]): string {
  return `${first?.name ?? "nothing"}${others.length === 0 ? "" : ` and ${others.length} more`}`;
}

async function describeSide(runs: readonly NamedRun[]): Promise<ComparedSide> {
  const valid = runs.map(({ load }) => load).filter(isValid);
  const records = valid.flatMap((run) => run.records);
  const curves = LATENCY_METRICS.filter((metric) => metricOf(metric).kind === "request").map((metric) => {
    return [metric, describeCurve(collectValues(records, metric as RequestMetric))] as const;
  });
  const pooled = ["itl" as const, await mergeItl(valid)] as const;
  return {
    runs: runs.map(describeRun),
    curves: Object.fromEntries([...curves, pooled].filter(([, curve]) => curve.length > 0)),
  };
}

function isValid({ validity }: StoredLoadResult): boolean {
  return validity.status === "valid";
}

function describeRun({ name, load }: NamedRun): ComparedRun {
  const { startedAt, counts, validity, machine } = load;
  return {
    ...{ name, startedAt, attempted: counts.attempted, ok: counts.byStatus.ok ?? 0 },
    invalid: validity.reasons.map(({ message }) => message),
    workerVersion: machine.workerVersion,
  };
}

async function mergeItl(runs: readonly StoredLoadResult[]): Promise<CurvePoint[]> {
  const merged = await ItlHistogram.create();
  for (const { itlHistogram } of runs) {
    const histogram = await ItlHistogram.decode(itlHistogram).catch(() => undefined);
    if (histogram !== undefined) merged.merge(histogram); // an edited file is compared by its figures alone
  }
  return merged.count === 0 ? [] : CURVE_SHARES.map((share) => ({ share, value: merged.quantile(share) }));
}

/** The samples that were judged, else the value of each run, however few samples it has. */
function listDots(metric: MetricComparison, side: "baseline" | "current", sides: NamedSides): readonly number[] {
  const judged = metric.samples[side];
  if (judged.length > 0) return judged;
  const { metric: key, statistic } = metric;
  if (statistic === "value" || metricOf(key).kind !== "request") return [];
  return sides[side].flatMap(({ load }) => {
    const values = isValid(load) ? collectValues(load.records, key as RequestMetric) : [];
    return values.length === 0 ? [] : [quantileSorted(sortNumbers(values), PERCENTILES[statistic])];
  });
}
