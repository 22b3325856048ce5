import { joinVisibleLines } from "../../terminal/index.js";
import { checkResults } from "../check-results.js";
import { judgedMetric, type JudgedFrom } from "../metrics/request-limits.js";
import type { LoadResult } from "../result.js";
import { compareMetric, type MetricComparison } from "./compare-metric.js";
import { resolveCompareOptions, type CompareOptions } from "./compare-options.js";
import { findObstacles } from "./comparability.js";
import { chooseKind, type ComparedStatistic, type SampleKind } from "./run-samples.js";

/** What became of a comparison; JSON-able. */
export interface RunComparison {
  readonly schemaVersion: 1;
  readonly kind: "load-comparison";
  /**
   * `fail`: a metric is worse beyond its tolerance, and significantly so. `inconclusive`: none is, but one is beyond its tolerance
   * without being significant, or has too few samples. `not-comparable`: see `reasons`.
   */
  readonly verdict: "pass" | "fail" | "inconclusive" | "not-comparable";
  /** Why the sides are not comparable. */
  readonly reasons: readonly string[];
  /** Empty if they are not. */
  readonly metrics: readonly MetricComparison[];
  /** Valid runs; invalid ones are left out. */
  readonly runs: { readonly baseline: number; readonly current: number; readonly invalid: number };
  readonly sampleKind: SampleKind;
  /** The verdict and every metric in words. */
  readonly message: string;
}

/**
 * Compares runs with a baseline: medians and rates, p95 and p99 where there are enough samples. A metric fails only if it is worse
 * beyond its tolerance **and** a rank test says that this is no chance. Five or more runs on each side, interleaved (see
 * `interleave()`), make the verdict; with fewer, ten stretches of a run stand in for runs, and rates are not judged.
 *
 * @throws {INVALID_OPTION}
 * @example expect(compareRuns(baseline, current).verdict).toBe("pass");
 */
export function compareRuns(
  baseline: LoadResult | readonly LoadResult[],
  current: LoadResult | readonly LoadResult[],
  options: CompareOptions = {},
): RunComparison {
  const resolved = resolveCompareOptions(options);
  const [given, givenCurrent] = [toList("baseline", baseline), toList("current", current)];
  const sides = { baseline: keepValid(given), current: keepValid(givenCurrent) };
  const invalid = given.length + givenCurrent.length - sides.baseline.length - sides.current.length;
  const kind = chooseKind(sides.baseline, sides.current);
  const reasons = findObstacles({ baseline: given, current: givenCurrent }, sides, resolved);
  const metrics =
    reasons.length > 0
      ? []
      : listCompared([...sides.baseline, ...sides.current]).map((what) =>
          compareMetric({ ...sides, kind }, what, resolved),
        );
  const verdict = reasons.length > 0 ? "not-comparable" : findVerdict(metrics);
  const lines = reasons.length > 0 ? reasons : metrics.map((metric) => `${metric.status}: ${metric.message}`);
  return {
    schemaVersion: 1,
    kind: "load-comparison",
    verdict,
    reasons,
    metrics,
    runs: { baseline: sides.baseline.length, current: sides.current.length, invalid },
    sampleKind: kind,
    message: joinVisibleLines([verdict, ...lines.map((line) => `  ${line}`)]),
  };
}

function toList(name: string, runs: LoadResult | readonly LoadResult[]): readonly LoadResult[] {
  const list: unknown = Array.isArray(runs) ? runs : [runs];
  checkResults(name, list);
  return list;
}

function keepValid(runs: readonly LoadResult[]): readonly LoadResult[] {
  return runs.filter((run) => run.validity.verdict === "valid");
}

function listCompared(runs: readonly LoadResult[]): ComparedStatistic[] {
  const from: JudgedFrom = runs[0]?.plan.judgedFrom ?? "send";
  // Jobs of a single token have neither.
  const perToken = (["tpot", "gap"] as const).filter((metric) => runs.some((run) => run.latency[metric].count > 0));
  const [ttft, e2e] = [judgedMetric("ttft", from), judgedMetric("e2e", from)];
  return [
    ...[ttft, ...perToken, e2e].map((metric) => ({ metric, statistic: "p50" as const })),
    ...(["requestThroughput", "tokenThroughput", "goodputShare"] as const).map((metric) => {
      return { metric, statistic: "value" as const };
    }),
    ...[ttft, e2e].flatMap((metric) => (["p95", "p99"] as const).map((statistic) => ({ metric, statistic }))),
  ];
}

function findVerdict(metrics: readonly MetricComparison[]): RunComparison["verdict"] {
  return (
    (["fail", "inconclusive"] as const).find((status) => metrics.some((metric) => metric.status === status)) ?? "pass"
  );
}
