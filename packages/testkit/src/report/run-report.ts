import type { EncodedGaps, Fingerprint, LatencyMetric, LoadResult, LoadSummary, RunComparison } from "../load/index.js";
import type { MemoryRecord } from "../memory/index.js";

/**
 * How one verdict, or all of them together, came out.
 * - `invalid`: the run does not measure the worker, so it proves nothing;
 * - `inconclusive`: neither pass nor fail can be concluded;
 * - `not-enough-samples`: the statistic needs more requests than there were;
 * - `not-comparable`: another machine, model or plan than the baseline's.
 */
export type ReportStatus = "pass" | "fail" | "invalid" | "inconclusive" | "not-enough-samples" | "not-comparable";

/** One judgement with what it rests on; all of it in words, for people. */
export interface ReportVerdict {
  /** What belongs together: `measurement`, `requests`, `limits`, `baseline`, `memory`, or any other. */
  readonly group: string;
  /** Unique within the group. */
  readonly name: string;
  readonly status: ReportStatus;
  readonly message: string;
  readonly expected: string | null;
  readonly actual: string | null;
}

/** The worker of the run, as far as it is known. */
export interface ReportWorker {
  readonly workerId: string | null;
  readonly baseUrl: string | null;
  /** How it was started; `null` for one that ran already. */
  readonly command: string | null;
  readonly pid: number | null;
  readonly readyAfterMs: number | null;
}

/** One point of a distribution: a share (0..1) of the values is at most `value`. */
export interface CurvePoint {
  readonly share: number;
  readonly value: number;
}

/** What is kept of the baseline, for showing it beside the run. */
export interface BaselineFacts {
  /** Of the first run; ISO 8601. */
  readonly startedAt: string;
  readonly runCount: number;
  readonly machine: Fingerprint;
  /** Of the first run. */
  readonly latency: LoadSummary["latency"];
  /** Of the first run. */
  readonly figures: LoadSummary["figures"];
  /** Of the first run. */
  readonly gapHistogram: EncodedGaps;
  /** The distributions of all its valid runs together, in ms. */
  readonly curves: Readonly<Partial<Record<LatencyMetric, readonly CurvePoint[]>>>;
}

/** The run beside its baseline. */
export interface ReportComparison {
  readonly outcome: RunComparison;
  readonly baseline: BaselineFacts;
}

/** Whether the run came to its own end. */
export type Completeness =
  | { readonly status: "complete" }
  /** It was ended before its time: what is here is true, and not all of it. */
  | { readonly status: "partial"; readonly reason: string };

/**
 * Everything about one run, plain JSON: the one model from which every report is made, with a published JSON Schema
 * (`inference-testkit/report/schema`). New fields may come; a change that breaks readers raises `schemaVersion`.
 */
export interface RunReport {
  readonly schemaVersion: 1;
  readonly kind: "run-report";
  readonly title: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Name and version of the program that made it. */
  readonly generator: { readonly name: string; readonly version: string };
  readonly completeness: Completeness;
  /** The worst of `verdicts`; `inconclusive` without any. */
  readonly verdict: ReportStatus;
  readonly verdicts: readonly ReportVerdict[];
  readonly worker: ReportWorker | null;
  readonly machine: Fingerprint | null;
  readonly load?: LoadResult | undefined;
  readonly memory?: MemoryRecord | undefined;
  readonly comparison?: ReportComparison | undefined;
}
