import type { InferenceEvent } from "../dialects/index.js";
import type { FaultAccount } from "worker-orcd-control";
import type { CollectedStream } from "../events/index.js";
import type { Finding } from "../findings/index.js";
import type { ExitInfo, PortOwner } from "../launch/index.js";
import type { MachineFacts } from "../system/index.js";

/** Version of the bundle format; a reader rejects a newer one. */
export const SCHEMA_VERSION = 1;

/** The files of a bundle. `metadata.json` is written last: without it the bundle is incomplete. */
export const FILES = {
  metadata: "metadata.json",
  seeds: "seeds.json",
  transcript: "transcript.ndjson",
  timings: "timings.json",
  log: "worker.log",
  verdicts: "verdicts.json",
} as const;

/** An error in a bundle. */
export interface RecordedError {
  readonly name: string;
  /** The error code of the testkit or of the system. */
  readonly code?: string | undefined;
  readonly message: string;
}

/** What was replaced by its length (and a hash). */
export interface Redactions {
  readonly prompts: boolean;
  readonly text: boolean;
  readonly log: boolean;
}

/** The recorded worker; for an attached one, only id and address are known. */
export interface WorkerFacts {
  readonly id: string;
  readonly url: string;
  readonly command?: string | undefined;
  readonly args?: readonly string[] | undefined;
  readonly pid?: number | undefined;
  /** Who listened on a polled port; absent if that was not checked. */
  readonly portOwner?: PortOwner | undefined;
  /** How it ended; absent if that is not known. */
  readonly exit?: ExitInfo | undefined;
  /** Time from the last start of the program until it was ready; absent in bundles of older releases. */
  readonly readyAfterMs?: number | undefined;
  /** How many times the program was started. */
  readonly startCount?: number | undefined;
  /** From the `startup` line of its log. */
  readonly version?: string | undefined;
  /** From its ready line. */
  readonly model?: string | undefined;
  readonly device?: string | undefined;
  readonly modelFile?: ModelFileFacts | undefined;
}

/** The file passed with `--model`: its hash, or why there is none. */
export interface ModelFileFacts {
  readonly path: string;
  readonly sizeBytes?: number | undefined;
  readonly sha256?: string | undefined;
  readonly skipped?: string | undefined;
}

/** `metadata.json`. */
export interface EvidenceMetadata {
  readonly schemaVersion: number;
  /** Name of the worker's dialect. */
  readonly dialect: string;
  /** When the recording began, ISO 8601; every `atMs` of the bundle is relative to it. */
  readonly createdAt: string;
  readonly testName?: string | undefined;
  readonly redacted: Redactions;
  readonly worker: WorkerFacts;
  readonly machine: MachineFacts;
  readonly transcript: { readonly lineCount: number; readonly droppedLineCount: number };
  /** Number of entries of the other files that were left out because of `maxBytes`; all 0 if nothing is missing. */
  readonly dropped: { readonly seeds: number; readonly timings: number; readonly logLines: number };
}

/** A judgement by the test or the framework. */
export interface Verdict {
  readonly name: string;
  readonly status: VerdictStatus;
  readonly message?: string | undefined;
  readonly atMs: number;
}

/** The ways to judge. */
export type VerdictStatus = "pass" | "fail" | "skip";

/** The record of a fault. */
export interface RecordedFault extends FaultAccount {
  /** When it first fired; absent if it never did, and in bundles of older releases. */
  readonly firedAtMs?: number | undefined;
}

/** `verdicts.json`. */
export interface EvidenceVerdicts {
  readonly verdicts: readonly Verdict[];
  /** Number of verdicts beyond the limit. */
  readonly droppedCount: number;
  /** The fault records, if any fault was armed. */
  readonly faults: readonly RecordedFault[];
  /** The result of the stop; absent if the worker was attached or the stop failed. */
  readonly stop?: unknown;
  /** What was noticed about the worker; absent in bundles of older releases. */
  readonly findings?: readonly Finding[] | undefined;
  /** Why the stop failed. */
  readonly failures: readonly RecordedError[];
}

/** An entry of `seeds.json`. */
export interface RecordedSeed {
  readonly request: number;
  readonly jobId?: string | undefined;
  /** Of `started`; a `bigint` beyond 2^53. */
  readonly reported: number | bigint;
}

/** An entry of `timings.json`, in ms; see the guide for the definitions. */
export interface RecordedTimings {
  readonly request: number;
  readonly jobId?: string | undefined;
  readonly sentAtMs: number;
  readonly headersMs?: number | undefined;
  readonly ttftMs?: number | undefined;
  readonly e2eMs?: number | undefined;
  readonly tpotMs?: number | undefined;
  /** As reported by the worker, else the number of token events. */
  readonly tokenCount: number;
  readonly isEstimated: boolean;
  readonly itlMs: readonly number[];
  readonly longestStallMs?: number | undefined;
  readonly closedMs: number;
}

/** A line of `worker.log`. */
export interface RecordedLogLine {
  /** Which start of the program, from 1. */
  readonly start: number;
  readonly stream: "stdout" | "stderr";
  readonly atMs: number;
  readonly text: string;
}

/** Common to all lines of the transcript, except for the last one of a truncated transcript. */
interface LineFacts {
  /** Number of the request, from 1, in sending order. */
  readonly request: number;
  readonly jobId?: string | undefined;
  /** Ms from the start of the recording, on a monotonic clock. */
  readonly atMs: number;
}

/** A body: JSON, text, or bytes that are not UTF-8. */
export interface RecordedBody {
  readonly json?: unknown;
  readonly text?: string | undefined;
  readonly base64?: string | undefined;
}

/** The properties of a stream other than its events, named as in `CollectedStream`. */
export interface RecordedStreamFacts {
  readonly bytes: number;
  readonly commentCount: number;
  readonly ignoredLineCount: number;
  readonly unterminatedBytes: number;
  readonly unterminatedText: string;
  /** Absent in bundles of older releases, as `bodyEnd` is. */
  readonly invalidUtf8Count?: number | undefined;
  readonly bodyEnd?: CollectedStream["bodyEnd"] | undefined;
  readonly retryMs?: number | undefined;
  readonly sentAtMs?: number | undefined;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly unreadMs?: number | undefined;
}

/**
 * How a request ended: a `StreamOutcome` without its terminal event (that is among the events), or, for a response that is not a stream,
 * `answered`,
 * `unread`, `broken` and `no-answer`.
 */
export interface RecordedOutcome {
  readonly status: string;
  readonly [fact: string]: unknown;
}

/** A line of `transcript.ndjson`; a closed union on `kind`. */
export type TranscriptLine =
  | (LineFacts & { readonly kind: "request"; readonly method: string; readonly path: string } & {
      /** Whether it ran a job. */
      readonly isJob: boolean;
      readonly headers: Readonly<Record<string, string>>;
      readonly body?: RecordedBody | undefined;
    })
  | (LineFacts & { readonly kind: "response"; readonly status: number } & {
      readonly headers: Readonly<Record<string, string>>;
    })
  | (LineFacts & { readonly kind: "event"; readonly event: InferenceEvent })
  /** A part of the stream that could not be decoded. */
  | (LineFacts & { readonly kind: "bytes" } & RecordedBody)
  /** The whole body of a response that is not an event stream. */
  | (LineFacts & { readonly kind: "body" } & RecordedBody)
  | (LineFacts & {
      readonly kind: "outcome";
      readonly outcome: RecordedOutcome;
      readonly stream?: RecordedStreamFacts | undefined;
    })
  /** The last line of a transcript that reached `maxBytes`. */
  | { readonly kind: "cut"; readonly droppedLineCount: number; readonly droppedBodyCount: number };
