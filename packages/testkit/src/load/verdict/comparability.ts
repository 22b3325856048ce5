import { isDeepStrictEqual } from "node:util";
import { median } from "../../numbers/index.js";
import { findDifferences } from "../machine.js";
import { countTokens } from "../metrics/request-record.js";
import type { StoredLoadResult } from "../result.js";
import type { ResolvedCompareOptions } from "./compare-options.js";
import type { Sides } from "./compared.js";

/** Share by which the median number of tokens per response may differ, because sampled responses vary. */
const MOST_TOKEN_DIFFERENCE = 0.2;

/** Why the sides cannot be compared; empty if they can. */
export function findObstacles(given: Sides, valid: Sides, { allow }: ResolvedCompareOptions): string[] {
  const empty = (["baseline", "current"] as const).filter((side) => valid[side].length === 0);
  if (empty.length > 0) return empty.map((side) => describeInvalid(side, given[side]));
  const [first, ...others] = [...valid.baseline, ...valid.current];
  if (first === undefined) return [];
  const reasons = others.flatMap((other) => [
    ...describeOtherMachine(first, other, allow),
    ...describeOtherPlan(first, other),
  ]);
  return [...new Set([...reasons, ...describeOtherWork(valid)])];
}

function describeInvalid(side: string, runs: readonly StoredLoadResult[]): string {
  const messages = new Set(runs.flatMap((run) => run.validity.reasons.map((reason) => reason.message)));
  return `no ${side} run is valid: ${[...messages].join("; ")}`;
}

function describeOtherMachine(
  first: StoredLoadResult,
  other: StoredLoadResult,
  allow: ResolvedCompareOptions["allow"],
): string[] {
  const names = findDifferences(first.machine, other.machine).filter((name) => !allow.includes(name));
  return names.map((name) => `the ${name} differs: ${String(first.machine[name])} and ${String(other.machine[name])}`);
}

function describeOtherPlan({ plan }: StoredLoadResult, other: StoredLoadResult): string[] {
  const names = ["profile", "rounds", "slo", "requestCount"] as const;
  const different = names.filter((name) => !isDeepStrictEqual(plan[name], other.plan[name]));
  const isOtherStart = (plan.warmup === null) !== (other.plan.warmup === null);
  return [
    ...different.map((name) => `the ${name} of the plan differs`),
    ...(isOtherStart ? ["some runs had a warm-up, others did not"] : []),
  ];
}

/** The plan does not include the prompts, and shorter responses would look like a faster worker. */
function describeOtherWork({ baseline, current }: Sides): string[] {
  const [before, after] = [medianTokens(baseline), medianTokens(current)];
  const isOther = Math.abs(after - before) > MOST_TOKEN_DIFFERENCE * Math.max(before, after);
  return isOther ? [`the answers differ in length: a median of ${before} tokens in the baseline, ${after} now`] : [];
}

/** NaN without an ok request; it compares as no difference. */
function medianTokens(runs: readonly StoredLoadResult[]): number {
  const ok = runs.flatMap(({ records }) => records.filter(({ status }) => status === "ok"));
  return median(ok.map((record) => countTokens(record).count));
}
