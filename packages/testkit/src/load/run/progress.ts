import { median } from "../../numbers/index.js";
import { TestkitError, withReason } from "../../errors/index.js";
import type { JobStatus } from "../../jobs/index.js";
import type { RequestRecord } from "../metrics/request-record.js";
import type { LoadResult } from "../result.js";

const REPORT_EVERY_MS = 250;
const TTFT_WINDOW = 200;

/** Which phase of a sweep, or which of several rounds, is running. */
export interface ProgressStep {
  /** From 1. */
  readonly number: number;
  readonly count: number;
  /** Such as "4 clients". */
  readonly label: string;
}

/** How far a run is. */
export interface LoadProgress {
  readonly phase: "warmup" | "measure";
  /** Absent unless the run has several phases. */
  readonly step?: ProgressStep | undefined;
  /** Requests of the schedule; `undefined` if only the time ends it. */
  readonly planned: number | undefined;
  readonly sent: number;
  readonly running: number;
  readonly done: number;
  /** Finished requests by status; a status that did not occur is absent. */
  readonly byStatus: Readonly<Partial<Record<JobStatus, number>>>;
  readonly elapsedMs: number;
  /** Requests sent per second so far. */
  readonly ratePerSec: number;
  /** Median of the last 200 ok requests: a rough indication, not a result. */
  readonly recentTtftMs: number | undefined;
}

/** `onProgress` or `onRecord` threw; the run continued, and its result is in {@link result}. */
export class LoadProgressFailedError extends TestkitError {
  readonly #result: LoadResult;

  constructor({ name, cause }: { readonly name: string; readonly cause: unknown }, result: LoadResult) {
    super("PROGRESS_FAILED", { message: withReason(`\`${name}\` threw`, cause), cause });
    this.#result = result;
  }

  /** A getter, because reporters print own properties. */
  get result(): LoadResult {
    return this.#result;
  }
}

/** What is called while a run is under way. */
export interface LoadObserver {
  readonly report: (progress: LoadProgress) => void;
  /** With every finished request of the measured phase. */
  readonly record: (record: RequestRecord) => void;
}

/** Counts the requests of one phase, and reports the counts at most four times a second. */
export class ProgressState {
  readonly #phase: LoadProgress["phase"];
  readonly #step: ProgressStep | undefined;
  readonly #planned: number | undefined;
  readonly #report: (progress: LoadProgress) => void;
  readonly #onRecord: (record: RequestRecord) => void;
  readonly #byStatus: Partial<Record<JobStatus, number>> = {};
  readonly #ttfts: number[] = [];
  readonly #startedAtMs = performance.now();
  #sent = 0;
  #done = 0;
  #reportedAtMs = -Infinity;
  #lastActivityMs = performance.now();

  // eslint-disable-next-line max-params -- most runs have one phase
  constructor(phase: LoadProgress["phase"], planned: number | undefined, observer: LoadObserver, step?: ProgressStep) {
    this.#phase = phase;
    this.#step = step;
    this.#planned = planned;
    this.#report = observer.report;
    this.#onRecord = phase === "measure" ? observer.record : () => undefined;
  }

  get running(): number {
    return this.#sent - this.#done;
  }

  get done(): number {
    return this.#done;
  }

  get failed(): number {
    return this.#done - (this.#byStatus.ok ?? 0);
  }

  /** When a request was last sent or ended. */
  get lastActivityMs(): number {
    return this.#lastActivityMs;
  }

  noteSent(count = 1): void {
    this.#sent += count;
    this.#note();
  }

  noteDone(record: RequestRecord): void {
    this.#done += 1;
    this.#byStatus[record.status] = (this.#byStatus[record.status] ?? 0) + 1;
    if (record.status === "ok" && record.firstMs !== null) this.#ttfts.push(record.firstMs - record.sendMs);
    if (this.#ttfts.length > TTFT_WINDOW) this.#ttfts.shift();
    this.#onRecord(record);
    this.#note();
  }

  /** Reports, unless it did so just before. */
  reportIfDue(): void {
    if (performance.now() - this.#reportedAtMs >= REPORT_EVERY_MS) this.reportNow();
  }

  /** Reports now. */
  reportNow(): void {
    const elapsedMs = performance.now() - this.#startedAtMs;
    this.#reportedAtMs = performance.now();
    this.#report({
      phase: this.#phase,
      ...(this.#step !== undefined && { step: this.#step }),
      planned: this.#planned,
      sent: this.#sent,
      running: this.running,
      done: this.#done,
      byStatus: { ...this.#byStatus },
      elapsedMs,
      ratePerSec: elapsedMs === 0 ? 0 : (this.#sent * 1000) / elapsedMs,
      recentTtftMs: this.#ttfts.length === 0 ? undefined : median(this.#ttfts),
    });
  }

  #note(): void {
    this.#lastActivityMs = performance.now();
    this.reportIfDue();
  }
}
