import { readFileSync } from "node:fs";
import { checkResults } from "../load/check-results.js";
import type { LimitsVerdict, StoredLoadResult, RunComparison } from "../load/index.js";
import type { MemoryRecord } from "../memory/index.js";
import { checkKnownOptions, checkOption, text } from "../options/index.js";
import { describeBaseline } from "./baseline-facts.js";
import type { Completeness, ReportVerdict, ReportWorker, RunReport } from "./run-report.js";
import { collectVerdicts, findWorst, isVerdict, WORST_FIRST } from "./verdicts.js";

/** The parts of a report. Each is optional, though a report without any part proves nothing. */
export interface RunReportParts {
  /** @default "Run of " and the time */
  readonly title?: string | undefined;
  /** Result of `runLoad()`. */
  readonly load?: StoredLoadResult | undefined;
  /** Result of `judgeLimits(load, …)`. */
  readonly limits?: LimitsVerdict | undefined;
  /** Result of `compareRuns(baseline, load)`, and the baseline it was made from. */
  readonly comparison?:
    { readonly outcome: RunComparison; readonly baseline: StoredLoadResult | readonly StoredLoadResult[] } | undefined;
  /** Result of `monitor.stop()`. */
  readonly memory?: MemoryRecord | undefined;
  readonly worker?: Partial<ReportWorker> | undefined;
  /** Your own verdicts, listed after the others. */
  readonly verdicts?: readonly ReportVerdict[] | undefined;
  /** Why the run is partial, if the load result does not say so itself. */
  readonly partialReason?: string | undefined;
}

const NAMES = [
  "title",
  "load",
  "limits",
  "comparison",
  "memory",
  "worker",
  "verdicts",
  "partialReason",
] satisfies (keyof RunReportParts)[];

/**
 * Builds the one model from which every report is made, with the verdicts of all parts.
 *
 * @throws {INVALID_OPTION}
 * @example await writeReport(createRunReport({ load: result, limits: judgeLimits(result, { ttft: { p95: 200 } }) }), "run");
 */
export function createRunReport(parts: RunReportParts): RunReport {
  checkKnownOptions("parts", parts, NAMES);
  const isTitle = parts.title === undefined || (typeof parts.title === "string" && parts.title !== "");
  checkOption(isTitle, "title", { wanted: "a string that is not empty", value: parts.title });
  const { load, limits, memory, comparison } = parts;
  checkParts(parts);
  const own = parts.verdicts ?? [];
  const verdicts = [...collectVerdicts({ load, limits, memory, comparison: comparison?.outcome }), ...own];
  const createdAt = new Date().toISOString();
  return {
    schemaVersion: 1,
    kind: "run-report",
    title: parts.title ?? `Run of ${(load?.startedAt ?? createdAt).slice(0, 19).replace("T", " ")}`,
    createdAt,
    generator: { name: "inference-testkit", version: readVersion() },
    completeness: findCompleteness(parts),
    status: findWorst(verdicts),
    verdicts,
    worker: describeWorker(parts),
    machine: load?.machine ?? null,
    ...(load !== undefined && { load }),
    ...(memory !== undefined && { memory }),
    ...(comparison !== undefined && {
      comparison: { outcome: comparison.outcome, baseline: describeBaseline(toRuns(comparison.baseline)) },
    }),
  };
}

function checkParts({ load, limits, memory, verdicts, partialReason }: RunReportParts): void {
  if (load !== undefined) checkResults("load", [load]);
  const hasChecks = limits === undefined || Array.isArray((limits as Partial<LimitsVerdict> | null)?.checks);
  checkOption(hasChecks, "limits", { wanted: "a result of judgeLimits()", value: limits });
  const isRecord = memory === undefined || Array.isArray((memory as Partial<MemoryRecord> | null)?.verdicts);
  checkOption(isRecord, "memory", { wanted: "a record of a memory monitor", value: memory });
  const areVerdicts = verdicts === undefined || (Array.isArray(verdicts) && verdicts.every((one) => isVerdict(one)));
  const wanted = `a list of { group, name, status, message, expected, actual }, status one of ${WORST_FIRST.join(", ")}`;
  checkOption(areVerdicts, "verdicts", { wanted, value: verdicts });
  if (partialReason !== undefined) text({ filled: true }).read("partialReason", partialReason);
}

function toRuns(
  baseline: StoredLoadResult | readonly StoredLoadResult[],
): readonly [StoredLoadResult, ...StoredLoadResult[]] {
  const runs: unknown = Array.isArray(baseline) ? baseline : [baseline];
  checkResults("comparison.baseline", runs);
  return runs as unknown as readonly [StoredLoadResult, ...StoredLoadResult[]];
}

function findCompleteness({ load, partialReason }: RunReportParts): Completeness {
  if (partialReason !== undefined) return { status: "partial", reason: partialReason };
  if (load?.status === "partial") return { status: "partial", reason: load.ended.message };
  return { status: "complete" };
}

function describeWorker({ worker, memory }: RunReportParts): ReportWorker | null {
  if (worker === undefined && memory === undefined) return null;
  return {
    workerId: worker?.workerId ?? memory?.worker.workerId ?? null,
    baseUrl: worker?.baseUrl ?? null,
    command: worker?.command ?? null,
    pid: worker?.pid ?? memory?.worker.pid ?? null,
    readyAfterMs: worker?.readyAfterMs ?? null,
  };
}

function readVersion(): string {
  const file = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
