import type { EvidenceMetadata, RecordedFault, RecordedLogLine, Verdict } from "../evidence/index.js";
import type { Finding } from "../findings/index.js";
import type { ExitInfo } from "../launch/index.js";

/** The data of the page: bundles of evidence, and the tests that left them if the page is that of a test run. */
export interface EvidencePageData {
  readonly title: string;
  /** `null`: the page shows one bundle. */
  readonly run: PageRun | null;
  readonly bundles: readonly PageBundle[];
}

/** A bundle as the page shows it. Integers that a browser would round are texts. */
export interface PageBundle {
  /** Where it was read from, for commands and messages. */
  readonly folder: string;
  readonly metadata: EvidenceMetadata;
  readonly exchanges: readonly PageRequest[];
  readonly log: readonly RecordedLogLine[];
  readonly verdicts: readonly Verdict[];
  readonly droppedVerdictCount: number;
  readonly faults: readonly RecordedFault[];
  readonly findings: readonly Finding[];
  readonly stop: PageStop | null;
  readonly failures: readonly { readonly name: string; readonly code?: string | undefined; readonly message: string }[];
  /** The last line of a transcript that reached `maxBytes`. */
  readonly cut: { readonly droppedLineCount: number; readonly droppedBodyCount: number } | null;
}

/** How the worker was stopped. */
export interface PageStop {
  readonly exit: ExitInfo;
  readonly endedBefore: boolean;
  readonly killed: boolean;
  readonly survivors: readonly { readonly pid: number; readonly command: string }[];
  readonly tookMs: number;
}

/** How a request is marked: `warn` is an end that the protocol allows, such as a refusal. */
export type PageStatus = "ok" | "warn" | "fail";

/** A body: the text that was sent or received, or its bytes where they are not text. */
export interface PageBody {
  readonly kind: "json" | "text" | "base64";
  readonly text: string;
}

/** A rule of event order that a stream broke. */
export interface PageViolation {
  readonly rule: string;
  /** One past the last event if something is missing at the end. */
  readonly index: number;
  readonly expected: string;
  readonly actual: string;
}

/** One request with everything that was recorded of it. Times are in ms from the start of the recording. */
export interface PageRequest {
  readonly request: number;
  readonly jobId: string | null;
  readonly isJob: boolean;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: PageBody | null;
  readonly sentAtMs: number;
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly atMs: number;
  } | null;
  /** Time and JSON of every event. */
  readonly events: readonly (readonly [atMs: number, json: string])[];
  /** Parts of the body that were kept as they arrived. */
  readonly bytes: readonly (readonly [atMs: number, body: PageBody])[];
  /** The whole body of an answer that is not a stream. */
  readonly answer: { readonly atMs: number; readonly body: PageBody } | null;
  /** How it ended; `null` if the bundle had no room for that. */
  readonly outcome: { readonly status: string; readonly atMs: number; readonly facts: string } | null;
  readonly seed: string | null;
  readonly status: PageStatus;
  /** What is wrong, or how it ended, in one clause. */
  readonly summary: string;
  readonly violation: PageViolation | null;
}

/** How a test ended. */
export type PageTestStatus = "failed" | "passed" | "skipped" | "not-run";

/** A run of tests. */
export interface PageRun {
  /** Such as `Vitest`. */
  readonly runner: string;
  readonly startedAt: string | null;
  readonly durationMs: number | null;
  readonly tests: readonly PageTest[];
  /** Errors outside tests. */
  readonly errors: readonly PageError[];
  /** Tests that are left out of `tests`: of those that did not fail, unless too many failed. */
  readonly omittedTestCount: number;
}

/** An error of a test. */
export interface PageError {
  readonly message: string;
  /** Where it was thrown. */
  readonly stack: string | null;
}

/** One test. */
export interface PageTest {
  readonly name: string;
  readonly file: string | null;
  readonly status: PageTestStatus;
  readonly durationMs: number | null;
  /** Why it was skipped, or that it passed only on a retry. */
  readonly note: string | null;
  readonly errors: readonly PageError[];
  readonly workers: readonly PageWorker[];
  /** The command that runs this test alone. */
  readonly again: string | null;
}

/** A worker of a test. */
export interface PageWorker {
  /** The fixture that started it. */
  readonly kind: string;
  readonly id: string;
  /** Time from its start until it was ready; `null` if it was already running, or if that is not known. */
  readonly readyAfterMs: number | null;
  readonly stop: PageStop | null;
  readonly faults: readonly RecordedFault[];
  /** Its bundle in the page. */
  readonly bundle: number | null;
  /** Why there is no bundle in the page although one was written; how to see it. */
  readonly leftOut: string | null;
}
