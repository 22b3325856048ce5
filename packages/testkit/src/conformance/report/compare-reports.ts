import type {
  ChangedCheck,
  CheckResult,
  CheckStatus,
  ConformanceComparison,
  ConformanceReport,
} from "./conformance-report.js";

/** From good to bad. A check that is not applicable any more is worse than one that passed. */
const RANKS: Readonly<Record<CheckStatus, number>> = {
  pass: 0,
  "not-applicable": 1,
  inconclusive: 2,
  error: 3,
  fail: 4,
};

/** What got worse and better since a baseline; checks that only one of them has are named. */
export function compareConformance(
  baseline: Pick<ConformanceReport, "checks" | "createdAt">,
  results: readonly CheckResult[],
): ConformanceComparison {
  const before = new Map(baseline.checks.map(({ id, status }) => [id, status]));
  const after = new Map(results.map(({ id, status }) => [id, status]));
  const changed: ChangedCheck[] = [...after].flatMap(([id, status]) => {
    const old = before.get(id);
    return old === undefined || old === status ? [] : [{ id, before: old, after: status }];
  });
  return {
    createdAt: baseline.createdAt,
    worse: changed.filter((each) => RANKS[each.after] > RANKS[each.before]),
    better: changed.filter((each) => RANKS[each.after] < RANKS[each.before]),
    added: [...after.keys()].filter((id) => !before.has(id)),
    removed: [...before.keys()].filter((id) => !after.has(id)),
  };
}
