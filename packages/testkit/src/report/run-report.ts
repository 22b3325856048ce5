import type { EncodedHistogram } from "../load/metrics/itl-histogram.js";
import type { Fingerprint } from "../load/machine.js";
import type { LatencyMetric } from "../load/metrics/registry.js";
import type { RunComparison, StoredLoadResult } from "../load/index.js";
import type { RecordedMetrics } from "../load/metrics/recorded.js";
import type { MemoryRecord } from "../memory/index.js";

/**
 * The outcome of one verdict, or of all of them together.
 * - `invalid`: the run does not measure the worker, so it proves nothing;
 * - `inconclusive`: the data supports neither pass nor fail;
 * - `not-enough-samples`: the statistic needs more requests than the run had;
 * - `not-comparable`: the machine, model, plan or workload differs from that of the baseline, or a side lacks the metric.
 */
export type ReportStatus = "pass" | "fail" | "invalid" | "inconclusive" | "not-enough-samples" | "not-comparable";

/** One verdict with the facts behind it as text. */
export interface ReportVerdict {
  /** One of `measurement`, `requests`, `limits`, `baseline`, `memory`, or any other name. */
  readonly group: string;
  /** Unique within the group. */
  readonly name: string;
  readonly status: ReportStatus;
  readonly message: string;
  readonly expected: string | null;
  readonly actual: string | null;
  /** The numbers behind it, if it is about one figure; absent from reports of older releases. */
  readonly figure?: VerdictFigure | undefined;
}

/** The figure that a verdict is about. */
export interface VerdictFigure {
  /** For a line: "TTFT p95", "errors". */
  readonly label: string;
  /** Key of the definition. */
  readonly metric: string;
  /** `p95`, `mean`, …; `value` for the figure of a run. */
  readonly statistic: string;
  readonly unit: string;
  /** `null` if there is none, for example for too few samples. */
  readonly value: number | null;
  /** What it was checked against: a limit, or the value of the baseline. */
  readonly against: "at most" | "at least" | "baseline";
  /** `null` if the baseline has no such figure. */
  readonly bound: number | null;
  /** Of a comparison: how much worse than the baseline it is, and how much worse it may be; 0.3 is 30 %. */
  readonly worseBy?: number | null | undefined;
  readonly tolerance?: number | undefined;
}

/** The worker of the run, as far as known. */
export interface ReportWorker {
  readonly workerId: string | null;
  readonly baseUrl: string | null;
  /** How it was started; `null` for a worker that was already running. */
  readonly command: string | null;
  readonly pid: number | null;
  readonly readyAfterMs: number | null;
}

/** What the requests ask, and how long they and their answers are. */
export interface ReportWorkload {
  /** `null`: texts of random words. */
  readonly prompts: { readonly file: string; readonly count: number } | null;
  /** Words of each prompt, as given: `200`, `uniform:50-400`; `null`: as they are. */
  readonly promptWords: string | null;
  /** Maximum tokens of each request, in the same form. */
  readonly outputTokens: string;
  /** Share of each prompt that all of them begin with, 0..1. */
  readonly prefixShare: number;
  /** Requests of a conversation, at most. */
  readonly turns: number;
  /** Who applies a chat template to the prompts. */
  readonly chatTemplate: string;
}

/** What the requests of the run asked for, and whether the answers have the length that was asked for. */
export interface ReportRequests {
  readonly dialect: string;
  /** How the dialect was found out; `null` if it was given. */
  readonly recognizedBy: string | null;
  readonly model: string | null;
  /** The largest, if it differs from request to request. */
  readonly maxTokens: number;
  /** Absent unless prompts, lengths or turns were given. */
  readonly workload?: ReportWorkload | undefined;
  /** Whether `ignore_eos` was sent, which asks for exactly `maxTokens` tokens, and why. */
  readonly ignoreEos: { readonly sent: boolean; readonly reason: string };
  /** Number of ok requests. */
  readonly okCount: number;
  /** Those of them whose answer has the maximum tokens of its request. */
  readonly fullLengthCount: number;
}

/** Where the figures come from: what it takes to make the run again. */
export interface ReportProvenance {
  /** The command line, quoted for a shell, without credentials. */
  readonly command: string;
  /** Git commit of the folder that it was run in, with `-dirty` if tracked files were changed; `null` outside a repository. */
  readonly commit: string | null;
  /** As the server reports it. */
  readonly workerVersion: string | null;
  /** What the stub engine was configured with. */
  readonly stubConfig: Readonly<Record<string, unknown>> | null;
}

/** One point of a distribution: a share (0..1) of the values is at most `value`. */
export interface CurvePoint {
  readonly share: number;
  readonly value: number;
}

/** The parts of the baseline that are shown next to the run. */
export interface BaselineFacts {
  /** Of the first run; ISO 8601. */
  readonly startedAt: string;
  readonly runCount: number;
  readonly machine: Fingerprint;
  /** Of the first run. */
  readonly latency: RecordedMetrics["latency"];
  /** Of the first run. */
  readonly figures: RecordedMetrics["figures"];
  /** Of the first run. */
  readonly itlHistogram: EncodedHistogram;
  /** The combined distributions of all its valid runs, in ms. */
  readonly curves: Readonly<Partial<Record<LatencyMetric, readonly CurvePoint[]>>>;
}

/** The run compared with its baseline. */
export interface ReportComparison {
  readonly outcome: RunComparison;
  readonly baseline: BaselineFacts;
}

/** Whether the run ended as planned. */
export type Completeness =
  | { readonly status: "complete" }
  /** It ended early: the report is correct, but incomplete. */
  | { readonly status: "partial"; readonly reason: string };

/**
 * Everything about one run as plain JSON. Every report is generated from it, and its JSON Schema is published
 * (`inference-testkit/report/schema`). New fields and metrics do not change `schemaVersion`; a breaking change raises it.
 */
export interface RunReport {
  readonly schemaVersion: 1;
  readonly kind: "run-report";
  readonly title: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Name and version of the program that created it. */
  readonly generator: { readonly name: string; readonly version: string };
  readonly completeness: Completeness;
  /** The worst status of `verdicts`; `inconclusive` without any. */
  readonly status: ReportStatus;
  readonly verdicts: readonly ReportVerdict[];
  readonly worker: ReportWorker | null;
  readonly machine: Fingerprint | null;
  /** As far as the program that made the report knows them. */
  readonly requests?: ReportRequests | undefined;
  /** Absent from reports of older releases. */
  readonly provenance?: ReportProvenance | undefined;
  readonly load?: StoredLoadResult | undefined;
  readonly memory?: MemoryRecord | undefined;
  readonly comparison?: ReportComparison | undefined;
}
