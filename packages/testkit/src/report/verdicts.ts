import { formatShare, formatValue, plural } from "../numbers/index.js";
import { METRICS, type LimitsVerdict, type StoredLoadResult, type RunComparison } from "../load/index.js";
import type { LimitCheck } from "../load/verdict/judge-limits.js";
import { ENDED_AT_ONCE, endedAtOnce } from "../load/verdict/ended-at-once.js";
import type { ValidityVerdict } from "../load/verdict/validity-verdict.js";
import type { LeakVerdict, MemoryRecord } from "../memory/index.js";
import type { ReportStatus, ReportVerdict } from "./run-report.js";

/** Worst first. A failure counts even if other verdicts are inconclusive. */
export const WORST_FIRST: readonly ReportStatus[] = [
  "fail",
  "invalid",
  "not-comparable",
  "inconclusive",
  "not-enough-samples",
  "pass",
];

/** The parts that are judged. */
export interface JudgedParts {
  readonly load?: StoredLoadResult | undefined;
  readonly limits?: LimitsVerdict | undefined;
  readonly comparison?: RunComparison | undefined;
  readonly memory?: MemoryRecord | undefined;
}

/** Every verdict, in reading order. */
export function collectVerdicts({ load, limits, comparison, memory }: JudgedParts): ReportVerdict[] {
  const validity = limits?.validity ?? load?.validity;
  return [
    ...(validity === undefined ? [] : [describeValidity(validity, load)]),
    ...(load === undefined ? [] : describeRequests(load)),
    ...(limits === undefined ? [] : limits.checks.map((check) => describeCheck(check, limits.validity))),
    ...(comparison === undefined ? [] : describeComparison(comparison)),
    ...(memory === undefined ? [] : memory.verdicts.map((verdict) => describeLeak(verdict))),
  ];
}

/** The worst status; `inconclusive` if nothing was judged. */
export function findWorst(verdicts: readonly Pick<ReportVerdict, "status">[]): ReportStatus {
  return WORST_FIRST.find((status) => verdicts.some((verdict) => verdict.status === status)) ?? "inconclusive";
}

function describeValidity({ status, reasons }: ValidityVerdict, load: StoredLoadResult | undefined): ReportVerdict {
  const isEmpty = load !== undefined && load.counts.attempted > 0 && okCount(load) === 0;
  const problems = [...(isEmpty ? ["no request succeeded"] : []), ...reasons.map(({ message }) => message)];
  return {
    group: "measurement",
    name: "the run measures the worker",
    status: problems.length === 0 ? "pass" : "invalid",
    message: problems.join("; ") || "the client kept to its schedule and was not overloaded",
    expected: "a valid run",
    actual: isEmpty ? "no ok request" : status,
  };
}

function okCount({ counts }: StoredLoadResult): number {
  return counts.byStatus.ok ?? 0;
}

/** Without one ok request there are no figures, and no limit would catch it. */
function describeRequests(load: StoredLoadResult): ReportVerdict[] {
  const { attempted, byStatus } = load.counts;
  if (attempted === 0) return [];
  const ok = okCount(load);
  const isCut = byStatus.aborted === attempted; // by Ctrl-C, say, which is not the worker's failure
  const message = isCut
    ? `the client cut all ${plural(attempted, "request")}`
    : `${ok} of ${plural(attempted, "request")} succeeded${ok > 0 ? "" : describeFirst(load)}`;
  const status = ok > 0 ? "pass" : isCut ? "invalid" : "fail";
  const actual = plural(ok, "ok request");
  return [{ group: "requests", name: "requests succeed", status, message, expected: "at least 1 ok request", actual }];
}

/** One failure explains a run in which every request failed. */
function describeFirst({ counts, records }: StoredLoadResult): string {
  if (endedAtOnce(counts)) return `; every answer was empty: ${ENDED_AT_ONCE}`;
  const first = records.find(({ status }) => status !== "aborted");
  return first?.message === undefined ? "" : `; the first: ${first.message}`;
}

function describeCheck(check: LimitCheck, validity: ValidityVerdict): ReportVerdict {
  const { name, unit, comparison, limit, value } = check;
  const isVoid = validity.status === "invalid" && (check.status === "pass" || check.status === "fail");
  return {
    group: "limits",
    name,
    status: isVoid ? "invalid" : check.status === "not-recorded" ? "inconclusive" : check.status,
    message: isVoid ? `proves nothing, because the run is invalid: ${check.message}` : check.message,
    expected: `${comparison} ${formatValue(limit, unit)}`,
    actual: typeof value === "number" ? formatValue(value, unit) : value.message,
  };
}

function describeComparison({ status, reasons, metrics }: RunComparison): ReportVerdict[] {
  if (status === "not-comparable" && metrics.length === 0) {
    const message = reasons.join("; ");
    return [{ group: "baseline", name: "comparable", status: "not-comparable", message, expected: null, actual: null }];
  }
  return metrics.flatMap((metric) => {
    if (metric.status === "advisory") return [];
    const { baseline, current, unit, tolerance } = metric;
    return [
      {
        group: "baseline",
        name: nameMetric(metric),
        status: metric.status,
        message: metric.message,
        expected: baseline === null ? null : `${formatValue(baseline, unit)}, at most ${formatShare(tolerance)} worse`,
        actual: current === null ? null : formatValue(current, unit),
      },
    ];
  });
}

function nameMetric({ metric, statistic }: RunComparison["metrics"][number]): string {
  const { title } = METRICS[metric];
  return statistic === "value" ? title : `${title}, ${statistic}`;
}

function describeLeak(verdict: LeakVerdict): ReportVerdict {
  const status = ({ leak: "fail", step: "pass", none: "pass", inconclusive: "inconclusive" } as const)[verdict.status];
  return {
    group: "memory",
    name: `no leak, by ${verdict.source}`,
    status,
    message: verdict.reason,
    expected: "no leak",
    actual: verdict.status === "none" ? "no leak" : verdict.status,
  };
}
