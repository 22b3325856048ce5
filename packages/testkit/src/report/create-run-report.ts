import { resolveOptions, type ResolvedOptionsOf } from "../options/index.js";
import { readVersion } from "../system/index.js";
import { describeBaseline } from "./baseline-facts.js";
import { REPORT_PARTS, type RunReportParts } from "./report-parts.js";
import type { Completeness, ReportWorker, RunReport } from "./run-report.js";
import { collectVerdicts, findWorst } from "./verdicts.js";

type Parts = ResolvedOptionsOf<typeof REPORT_PARTS>;

/**
 * Builds the model from which every report is generated, with the verdicts of all parts.
 *
 * @throws {INVALID_OPTION}
 * @example await writeReport(createRunReport({ load: result, limits: judgeLimits(result, { ttft: { p95: 200 } }) }), "run");
 */
export function createRunReport(given: RunReportParts): RunReport {
  const parts = resolveOptions(REPORT_PARTS, given);
  const { load, limits, memory, comparison } = parts;
  const verdicts = [...collectVerdicts({ load, limits, memory, comparison: comparison?.outcome }), ...parts.verdicts];
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
    ...(parts.requests !== undefined && { requests: parts.requests }),
    ...(parts.provenance !== undefined && { provenance: parts.provenance }),
    ...(load !== undefined && { load }),
    ...(memory !== undefined && { memory }),
    ...(comparison !== undefined && {
      comparison: { outcome: comparison.outcome, baseline: describeBaseline(comparison.baseline) },
    }),
  };
}

function findCompleteness({ load, partialReason }: Parts): Completeness {
  if (partialReason !== undefined) return { status: "partial", reason: partialReason };
  if (load?.status === "partial") return { status: "partial", reason: load.ended.message };
  return { status: "complete" };
}

function describeWorker({ worker, memory }: Parts): ReportWorker | null {
  if (worker === undefined && memory === undefined) return null;
  return {
    workerId: worker?.workerId ?? memory?.worker.workerId ?? null,
    baseUrl: worker?.baseUrl ?? null,
    command: worker?.command ?? null,
    pid: worker?.pid ?? memory?.worker.pid ?? null,
    readyAfterMs: worker?.readyAfterMs ?? null,
  };
}
