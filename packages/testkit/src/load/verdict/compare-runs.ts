import { resolveOptions } from "../../options/index.js";
import { joinVisibleLines } from "../../terminal/index.js";
import { checkResults } from "../check-results.js";
import { isErrorShare } from "../metrics/registry.js";
import type { StoredLoadResult } from "../result.js";
import { compareMetric, type MetricComparison } from "./compare-metric.js";
import { COMPARE_OPTIONS, type CompareOptions } from "./compare-options.js";
import { findObstacles, type RunDifference } from "./comparability.js";
import { findOtherSlo, findUncompared, listCompared, nameOf, type Sides } from "./compared.js";
import { LEAST_SAMPLES, type SampleKind } from "./run-samples.js";

/** The outcome of a comparison, JSON-compatible. */
export interface RunComparison {
  readonly schemaVersion: 1;
  readonly kind: "load-comparison";
  /**
   * `fail`: a metric is significantly worse, beyond its tolerance. `not-comparable`: the sides differ in what was measured, or one lacks a
   * metric; see `reasons`. `inconclusive`: a metric is worse beyond its tolerance without that being certain, or has too few samples, or a
   * side has fewer than five runs.
   */
  readonly status: "pass" | "fail" | "inconclusive" | "not-comparable";
  /** Why the sides are not comparable, or cannot be judged. */
  readonly reasons: readonly string[];
  /** What differs and makes the sides not comparable, side by side. Absent from comparisons of older releases. */
  readonly differences?: readonly RunDifference[] | undefined;
  /** Metrics that were not compared: neither side recorded them, or they depend on the SLO, which differs. */
  readonly notes: readonly string[];
  /** Empty if the sides as a whole are not comparable. */
  readonly metrics: readonly MetricComparison[];
  /** Valid runs; invalid ones are left out. */
  readonly runs: { readonly baseline: number; readonly current: number; readonly invalid: number };
  readonly sampleKind: SampleKind;
  /** The status and every metric as text. */
  readonly message: string;
}

/**
 * Compares runs with a baseline: medians and rates, and p95 and p99 where there are enough samples. A metric fails only if it is worse
 * beyond its tolerance, a rank test finds the difference significant, **and** it exceeds the tolerance by more than its standard error. Use
 * five or more interleaved runs on each side (see `interleave()`): with fewer, the result is `inconclusive`, however large or small the
 * difference is. Errors are compared as well: without `errorTolerance`, no rise passes. A metric that one side was stored without is not
 * comparable, never a pass.
 *
 * @throws {INVALID_OPTION}
 * @example expect(compareRuns(baseline, current).status).toBe("pass");
 */
export function compareRuns(
  baseline: StoredLoadResult | readonly StoredLoadResult[],
  current: StoredLoadResult | readonly StoredLoadResult[],
  options: CompareOptions = {},
): RunComparison {
  const resolved = resolveOptions(COMPARE_OPTIONS, options);
  const [given, givenCurrent] = [toList("baseline", baseline), toList("current", current)];
  const sides = { baseline: keepValid(given), current: keepValid(givenCurrent) };
  const invalid = given.length + givenCurrent.length - sides.baseline.length - sides.current.length;
  const withCut = { baseline: keepJudgedForErrors(given), current: keepJudgedForErrors(givenCurrent) };
  const { reasons: obstacles, differences } = findObstacles(
    { baseline: given, current: givenCurrent },
    sides,
    resolved,
  );
  const isPossible = obstacles.length === 0;
  const otherSlo = findOtherSlo(sides);
  const metrics = isPossible
    ? listCompared(sides).map((what) => compareMetric(isErrorShare(what.metric) ? withCut : sides, what, resolved))
    : [];
  const notes = isPossible ? describeUncompared(sides, otherSlo) : [];
  const lacking = metrics.filter((metric) => metric.status === "not-comparable").map(({ message }) => message);
  const tooFew = isPossible ? describeTooFew(sides) : [];
  const status = isPossible ? findStatus(metrics, tooFew) : "not-comparable";
  const lines = isPossible ? [...tooFew, ...metrics.map((metric) => describeLine(metric))] : obstacles;
  return {
    schemaVersion: 1,
    kind: "load-comparison",
    status,
    reasons: isPossible ? [...lacking, ...tooFew] : obstacles,
    differences,
    notes,
    metrics,
    runs: { baseline: sides.baseline.length, current: sides.current.length, invalid },
    sampleKind: "runs",
    message: joinVisibleLines([status, ...[...lines, ...notes].map((line) => `  ${line}`)]),
  };
}

function toList(name: string, runs: StoredLoadResult | readonly StoredLoadResult[]): readonly StoredLoadResult[] {
  const list: unknown = Array.isArray(runs) ? runs : [runs];
  checkResults(name, list);
  return list;
}

function keepValid(runs: readonly StoredLoadResult[]): readonly StoredLoadResult[] {
  return runs.filter((run) => run.validity.status === "valid");
}

/** Errors count also in runs that they cut short: such a run is invalid, and leaving it out would hide why. */
function keepJudgedForErrors(runs: readonly StoredLoadResult[]): readonly StoredLoadResult[] {
  return runs.filter((run) => run.validity.status === "valid" || run.ended.by === "error-rate");
}

function describeTooFew({ baseline, current }: Sides): string[] {
  if (Math.min(baseline.length, current.length) >= LEAST_SAMPLES) return [];
  const have = `the baseline has ${baseline.length}, the current side ${current.length}`;
  return [`it takes ${LEAST_SAMPLES} valid runs on each side to judge a difference: ${have}`];
}

function describeLine({ status, message }: MetricComparison): string {
  return status === "not-comparable" ? message : `${status}: ${message}`; // its message begins with the status
}

function describeUncompared(sides: Sides, otherSlo: string | undefined): string[] {
  const unrecorded = findUncompared(sides).map(
    (metric) => `not compared: no run on either side recorded ${nameOf(metric)}`,
  );
  return otherSlo === undefined ? unrecorded : [...unrecorded, `not compared: goodput, because ${otherSlo}`];
}

function findStatus(metrics: readonly MetricComparison[], tooFew: readonly string[]): RunComparison["status"] {
  const worstFirst = ["fail", "not-comparable", "inconclusive"] as const;
  const worst = worstFirst.find((status) => metrics.some((metric) => metric.status === status));
  return worst ?? (tooFew.length > 0 ? "inconclusive" : "pass");
}
