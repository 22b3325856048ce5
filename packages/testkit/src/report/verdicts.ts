import { formatShare, formatValue, plural } from "../numbers/index.js";
import { METRICS, type LimitsVerdict, type StoredLoadResult, type RunComparison } from "../load/index.js";
import type { LimitCheck } from "../load/verdict/judge-limits.js";
import { ENDED_AT_ONCE, endedAtOnce } from "../load/verdict/ended-at-once.js";
import type { ValidityVerdict } from "../load/verdict/validity-verdict.js";
import type { LeakVerdict, MemoryRecord } from "../memory/index.js";
import { describeComparedFigure, nameJudged } from "./compared-figure.js";
import type { ReportStatus, ReportVerdict, VerdictFigure } from "./run-report.js";
import { WORST_FIRST } from "./worst-first.js";

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
    ...(load === undefined ? [] : describeRequests(load, limits !== undefined || comparison !== undefined)),
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

/** Those that the client cut are not failures of the worker. */
function failedCount({ counts }: StoredLoadResult): number {
  return counts.attempted - (counts.byStatus.ok ?? 0) - (counts.byStatus.aborted ?? 0);
}

/**
 * Without one ok request there are no figures, and no limit would catch it. Where some requests failed, limits and the comparison judge how
 * many may; if there are none, the run is inconclusive: a pass beside failures would be believed.
 */
function describeRequests(load: StoredLoadResult, areErrorsJudged: boolean): ReportVerdict[] {
  const { attempted } = load.counts;
  const ok = okCount(load);
  if (attempted === 0 || (ok > 0 && failedCount(load) > 0 && areErrorsJudged)) return [];
  const verdict = { group: "requests", name: "requests succeed", actual: plural(ok, "ok request") };
  const expected = ok > 0 ? plural(attempted, "ok request") : "at least 1 ok request";
  return [{ ...verdict, ...judgeRequests(load, ok), expected }];
}

function judgeRequests(load: StoredLoadResult, ok: number): Pick<ReportVerdict, "status" | "message"> {
  const { attempted, byStatus } = load.counts;
  const share = `${ok} of ${plural(attempted, "request")} succeeded`;
  if (ok > 0 && failedCount(load) === 0) return { status: "pass", message: share };
  if (ok > 0) return { status: "inconclusive", message: `${share}, and no limit says how many may fail` };
  if (byStatus.aborted === attempted) {
    return { status: "invalid", message: `the client cut all ${plural(attempted, "request")}` }; // by Ctrl-C, say
  }
  return { status: "fail", message: `${share}${describeFirst(load)}` };
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
    figure: describeFigure(check),
  };
}

function describeFigure({ name, metric, unit, comparison, limit, value }: LimitCheck): VerdictFigure {
  const [, statistic] = /^\w+ (p\d+|mean|max)$/.exec(name) ?? [];
  const isOfMetric = statistic !== undefined || name === metric;
  return {
    label: isOfMetric ? nameJudged(metric, statistic ?? "value") : name,
    metric,
    statistic: statistic ?? "value",
    unit,
    value: typeof value === "number" ? value : null,
    against: comparison,
    bound: limit,
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
        figure: describeComparedFigure(metric),
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
