import {
  METRIC_DEFINITIONS,
  type LimitCheck,
  type LimitsVerdict,
  type LoadResult,
  type RunComparison,
  type ValidityVerdict,
} from "../load/index.js";
import type { LeakVerdict, MemoryRecord } from "../memory/index.js";
import { formatValue } from "./format.js";
import type { ReportStatus, ReportVerdict } from "./run-report.js";

/** From bad to good. A failure leads: it stands whatever else could not be concluded. */
export const WORST_FIRST: readonly ReportStatus[] = [
  "fail",
  "invalid",
  "not-comparable",
  "inconclusive",
  "not-enough-samples",
  "pass",
];

/** What verdicts are made of. */
export interface JudgedParts {
  readonly load?: LoadResult | undefined;
  readonly limits?: LimitsVerdict | undefined;
  readonly comparison?: RunComparison | undefined;
  readonly memory?: MemoryRecord | undefined;
}

/** Everything that was judged, in the order in which it is read. */
export function collectVerdicts({ load, limits, comparison, memory }: JudgedParts): ReportVerdict[] {
  const validity = limits?.validity ?? load?.validity;
  return [
    ...(validity === undefined ? [] : [describeValidity(validity)]),
    ...(load === undefined ? [] : describeRequests(load)),
    ...(limits === undefined ? [] : limits.checks.map((check) => describeCheck(check, limits.validity))),
    ...(comparison === undefined ? [] : describeComparison(comparison)),
    ...(memory === undefined ? [] : memory.verdicts.map((verdict) => describeLeak(verdict))),
  ];
}

/** Whether it is a verdict: one with a status that nobody knows would be worse than none, and be counted as a pass. */
export function isVerdict(value: unknown): value is ReportVerdict {
  if (typeof value !== "object" || value === null) return false;
  const { group, name, status, message, expected, actual } = value as Partial<Record<keyof ReportVerdict, unknown>>;
  const texts = [group, name, message, expected ?? "", actual ?? ""];
  return texts.every((text) => typeof text === "string") && WORST_FIRST.includes(status as ReportStatus);
}

/** The worst status. Nothing judged proves nothing. */
export function findWorst(verdicts: readonly Pick<ReportVerdict, "status">[]): ReportStatus {
  return WORST_FIRST.find((status) => verdicts.some((verdict) => verdict.status === status)) ?? "inconclusive";
}

function describeValidity({ verdict, reasons }: ValidityVerdict): ReportVerdict {
  const isValid = verdict === "valid";
  return {
    group: "measurement",
    name: "the run measures the worker",
    status: isValid ? "pass" : "invalid",
    message: isValid
      ? "the client kept to its schedule and was not at its own limit"
      : reasons.map(({ message }) => message).join("; "),
    expected: "a valid run",
    actual: verdict,
  };
}

/** Without one successful request there are no figures, and no limit would notice. */
function describeRequests({ counts }: LoadResult): ReportVerdict[] {
  const { attempted, byStatus } = counts;
  if (attempted === 0) return [];
  const ok = byStatus.ok ?? 0;
  const isCut = byStatus.aborted === attempted; // by Ctrl-C, say: that the worker failed is not shown
  const message = isCut ? `all ${attempted} requests were cut by the client` : `${ok} of ${attempted} requests are ok`;
  const status = ok > 0 ? "pass" : isCut ? "invalid" : "fail";
  const actual = ok === 1 ? "1 ok request" : `${ok} ok requests`;
  return [{ group: "requests", name: "requests succeed", status, message, expected: "at least 1 ok request", actual }];
}

function describeCheck(check: LimitCheck, validity: ValidityVerdict): ReportVerdict {
  const { name, unit, comparison, limit, value } = check;
  const isVoid = validity.verdict === "invalid" && check.status !== "not-enough-samples";
  return {
    group: "limits",
    name,
    status: isVoid ? "invalid" : check.status,
    message: isVoid ? `proves nothing, the run is invalid: ${check.message}` : check.message,
    expected: `${comparison} ${formatValue(limit, unit)}`,
    actual: typeof value === "number" ? formatValue(value, unit) : value.message,
  };
}

function describeComparison({ verdict, reasons, metrics }: RunComparison): ReportVerdict[] {
  if (verdict === "not-comparable") {
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
        expected:
          baseline === null ? null : `${formatValue(baseline, unit)}, at most ${formatValue(tolerance, "share")} worse`,
        actual: current === null ? null : formatValue(current, unit),
      },
    ];
  });
}

function nameMetric({ metric, statistic }: RunComparison["metrics"][number]): string {
  const { title } = METRIC_DEFINITIONS[metric];
  return statistic === "value" ? title : `${title}, ${statistic}`;
}

function describeLeak(verdict: LeakVerdict): ReportVerdict {
  const status = ({ leak: "fail", step: "pass", none: "pass", inconclusive: "inconclusive" } as const)[verdict.verdict];
  return {
    group: "memory",
    name: `no leak, by ${verdict.source}`,
    status,
    message: verdict.reason,
    expected: "no leak",
    actual: verdict.verdict === "none" ? "no leak" : verdict.verdict,
  };
}
