import type { JobOutcome, JobStatus } from "./job-outcome.js";

/** The progress of `executeAll()`. */
export interface JobProgress {
  readonly total: number;
  /** Requests that were sent, finished ones included. */
  readonly sent: number;
  readonly running: number;
  /** Jobs with an outcome, including those that were not sent. */
  readonly done: number;
  /** Number of done jobs by status; a status that did not occur is absent. */
  readonly byStatus: Readonly<Partial<Record<JobStatus, number>>>;
}

export type ProgressCallback = (progress: JobProgress) => void;

/**
 * Counts and calls the callback. After the callback throws, the exception is kept and it is not
 * called again.
 */
export class ProgressTracker {
  readonly #callback: ProgressCallback | undefined;
  readonly #total: number;
  readonly #byStatus: Partial<Record<JobStatus, number>> = {};
  #sent = 0;
  #running = 0;
  #done = 0;
  #failure: { readonly cause: unknown } | undefined;

  constructor(total: number, callback: ProgressCallback | undefined) {
    this.#total = total;
    this.#callback = callback;
  }

  /** What the callback threw, if it did. */
  get failure(): { readonly cause: unknown } | undefined {
    return this.#failure;
  }

  noteSent(): void {
    this.#sent += 1;
    this.#running += 1;
    this.#report();
  }

  noteDone({ status }: JobOutcome, wasSent: boolean): void {
    if (wasSent) this.#running -= 1;
    this.#done += 1;
    this.#byStatus[status] = (this.#byStatus[status] ?? 0) + 1;
    this.#report();
  }

  #report(): void {
    if (this.#callback === undefined || this.#failure !== undefined) return;
    const [total, sent, running, done] = [this.#total, this.#sent, this.#running, this.#done];
    try {
      this.#callback({ total, sent, running, done, byStatus: { ...this.#byStatus } });
    } catch (cause) {
      this.#failure = { cause };
    }
  }
}
