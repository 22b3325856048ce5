import { WorkerError, type CancelState } from "inference-worker-protocol";
import type { AbortReason, Job } from "./job.js";
import { errorEvent, runJob, type JobContext } from "./run-job.js";

/**
 * Number of ended jobs to remember, so that a late cancellation is answered with "finished" instead of
 * "unknown".
 */
const REMEMBERED_JOB_COUNT = 1_000;

export interface SchedulerOptions extends JobContext {
  /** Jobs that may wait for a slot. */
  readonly maxQueue: number;
}

export interface SlotCounts {
  readonly total: number;
  readonly busy: number;
  readonly queued: number;
}

/** Assigns slots to jobs, first in, first out; cancels jobs; drains at shutdown. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #queue: Job[] = [];
  readonly #running = new Map<string, Job>();
  readonly #finished = new Set<string>();
  readonly #settled = new Set<Promise<void>>();
  #busy = 0;
  #stopping = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  get slots(): SlotCounts {
    return { total: this.#options.engine.slots, busy: this.#busy, queued: this.#queue.length };
  }

  /**
   * Rejects a job that cannot be accepted now, before anything is answered.
   *
   * @throws {WorkerError} SHUTTING_DOWN, DUPLICATE_JOB, QUEUE_FULL
   */
  admit(jobId: string): void {
    const { total, busy, queued } = this.slots;
    if (this.#stopping) throw new WorkerError("SHUTTING_DOWN", "the worker is shutting down");
    if (this.#find(jobId) !== undefined)
      throw new WorkerError("DUPLICATE_JOB", `job \`${jobId}\` is queued or running`);
    if (busy >= total && queued >= this.#options.maxQueue) {
      throw new WorkerError("QUEUE_FULL", `all ${total} slots are busy and ${queued} jobs are waiting`);
    }
  }

  /** Accepts an admitted job; it runs as soon as a slot is free. */
  submit(job: Job): void {
    this.#queue.push(job);
    if (job.signal.aborted) this.#dropQueued(job);
    else job.signal.addEventListener("abort", () => this.#dropQueued(job), { once: true });
    this.#startNext();
  }

  /** Ends a queued or running job with `error CANCELLED`; idempotent. */
  cancel(jobId: string): CancelState {
    const job = this.#find(jobId);
    if (job === undefined) return this.#finished.has(jobId) ? "finished" : "unknown";
    job.cancel();
    return "cancelling";
  }

  /** Accepts no more jobs, lets the running ones finish within `graceMs`, then cancels them. */
  async drain(graceMs: number): Promise<void> {
    this.#stopping = true;
    const refusal = new WorkerError("SHUTTING_DOWN", "the worker shut down before the job started");
    for (const job of [...this.#queue]) job.abort({ kind: "error", error: refusal });
    const timer = setTimeout(() => {
      const error = new WorkerError(
        "CANCELLED",
        `the worker shut down and the job had not finished after ${graceMs} ms`,
      );
      for (const job of this.#running.values()) job.abort({ kind: "error", error });
    }, graceMs);
    await Promise.all(this.#settled);
    clearTimeout(timer);
  }

  #find(jobId: string): Job | undefined {
    return this.#running.get(jobId) ?? this.#queue.find((job) => job.id === jobId);
  }

  #startNext(): void {
    while (this.#busy < this.#options.engine.slots) {
      const job = this.#queue.shift();
      if (job === undefined) return;
      this.#track(this.#run(job));
    }
  }

  async #run(job: Job): Promise<void> {
    this.#busy++;
    this.#running.set(job.id, job);
    const id = () => {
      this.#running.delete(job.id);
      this.#remember(job.id);
    };
    const slot = () => job.leaveSlot(() => this.#freeSlot());
    await runJob(job, this.#options, { id, slot }).finally(() => job.ended());
  }

  #freeSlot(): void {
    this.#busy--;
    this.#startNext();
  }

  #dropQueued(job: Job): void {
    const index = this.#queue.indexOf(job);
    if (index === -1) return; // it is running: runJob ends it
    this.#queue.splice(index, 1);
    this.#remember(job.id);
    this.#track(this.#refuse(job, job.abortReason));
  }

  async #refuse(job: Job, reason: AbortReason | undefined): Promise<void> {
    if (reason?.kind === "error") await job.sink.send(errorEvent(reason.error));
    const disconnected = reason?.kind !== "error";
    this.#options.metrics.countRequest(disconnected ? "disconnected" : "cancelled");
    const code = reason?.kind === "error" ? reason.error.code : undefined;
    const fields = { job_id: job.id, correlation_id: job.correlationId, outcome: "never_started", code };
    this.#options.logger.info("execute_end", fields);
    job.ended();
  }

  #track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => this.#options.logger.warn("job_failed", { message: String(error) }))
      .finally(() => this.#settled.delete(tracked));
    this.#settled.add(tracked);
  }

  #remember(jobId: string): void {
    this.#finished.delete(jobId);
    this.#finished.add(jobId);
    const [oldest] = this.#finished;
    if (this.#finished.size > REMEMBERED_JOB_COUNT && oldest !== undefined) this.#finished.delete(oldest);
  }
}
