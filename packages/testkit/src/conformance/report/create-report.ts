import { plural } from "../../numbers/index.js";
import { readVersion } from "../../system/index.js";
import { AREAS, type Area, type Level } from "../areas.js";
import type { KnownDeviation } from "../profile.js";
import type {
  CheckResult,
  CheckStatus,
  ConformanceComparison,
  ConformanceReport,
  Coverage,
  Restart,
} from "./conformance-report.js";

/** What a run has found out. */
export interface RunFacts {
  readonly server: ConformanceReport["server"];
  readonly level: Level;
  readonly seed: number;
  readonly results: readonly CheckResult[];
  readonly restarts: readonly Restart[];
  readonly deviations: Readonly<Record<string, KnownDeviation>>;
  /** Why the run is not complete. */
  readonly partialReason?: string | undefined;
  readonly comparison?: ConformanceComparison | undefined;
}

/** Less than this part of the checks that apply proves nothing. */
const LEAST_SHARE = 0.5;

/** Builds the one model from which every report is made, with the verdict of the run. */
export function createConformanceReport(facts: RunFacts): ConformanceReport {
  const { server, level, seed, results, restarts, deviations, partialReason, comparison = null } = facts;
  const coverage = count(results);
  return {
    schemaVersion: 1,
    kind: "conformance-report",
    createdAt: new Date().toISOString(),
    generator: { name: "inference-testkit", version: readVersion() },
    completeness: partialReason === undefined ? { status: "complete" } : { status: "partial", reason: partialReason },
    ...judge(results, coverage, partialReason),
    server,
    level,
    seed,
    coverage,
    areas: listAreas(results),
    checks: results,
    restarts,
    notSeen: results.filter(({ id, status }) => status === "pass" && id in deviations).map(({ id }) => id),
    comparison,
  };
}

function judge(results: readonly CheckResult[], { ran, selected, byStatus }: Coverage, partialReason?: string) {
  const failed = results.filter(({ status, deviation }) => status === "fail" && deviation === null).length;
  if (failed > 0) return { status: "fail", message: `${plural(failed, "check")} failed` } as const;
  const open = (message: string) => ({ status: "inconclusive", message }) as const;
  if (partialReason !== undefined) return open(`the run is not complete: ${partialReason}`);
  if (byStatus.error > 0) return open(`${plural(byStatus.error, "check")} ended with an error of the suite`);
  const applicable = selected - byStatus["not-applicable"];
  if (ran === 0) return open("no check has a verdict");
  if (ran < applicable * LEAST_SHARE) return open(`only ${ran} of ${plural(applicable, "check")} have a verdict`);
  const known = byStatus.fail;
  return {
    status: "pass",
    message: known === 0 ? "no check failed" : `only ${known} declared deviations failed`,
  } as const;
}

function listAreas(results: readonly CheckResult[]): ConformanceReport["areas"] {
  return Object.entries(AREAS)
    .map(([area, title]) => ({ area: area as Area, title, checks: results.filter((result) => result.area === area) }))
    .filter(({ checks }) => checks.length > 0)
    .map(({ area, title, checks }) => ({ area, title, coverage: count(checks) }));
}

function count(results: readonly CheckResult[]): Coverage {
  const of = (wanted: CheckStatus): number => results.filter(({ status }) => status === wanted).length;
  const byStatus = {
    pass: of("pass"),
    fail: of("fail"),
    "not-applicable": of("not-applicable"),
    inconclusive: of("inconclusive"),
    error: of("error"),
  };
  return { selected: results.length, ran: byStatus.pass + byStatus.fail, byStatus };
}
