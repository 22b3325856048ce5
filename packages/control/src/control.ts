import type { FaultAccount } from "./faults/index.js";

/**
 * The control listener of a worker in stub mode: a separate listener on loopback, whose address is `control_url` in the ready line. No
 * fault affects it. Every body is JSON; an invalid one is answered with 400 `{code, message}` and changes nothing.
 *
 * - `POST /faults` `{faults: [...]}` arms more faults → {@link ArmAnswer}; running jobs keep theirs
 * - `GET /faults` → {@link FaultsAnswer}
 * - `DELETE /faults` disarms all, `DELETE /faults/{key}` one → {@link FaultsAnswer}
 * - `PUT /config` a stub configuration for new jobs (without the keys of the start) → 204
 * - `GET /journal`, `GET /journal?job_id=…` → {@link JournalAnswer}
 */
export const CONTROL_PATHS = { faults: "/faults", config: "/config", journal: "/journal" } as const;

/** The answer to arming: one key per fault, in order. */
export interface ArmAnswer {
  readonly keys: readonly string[];
}

/** The record of every fault since the start, including startup faults. */
export interface FaultsAnswer {
  readonly faults: readonly FaultAccount[];
}

/** An event on the connection of a job, as the worker saw it. */
export interface JournalEntry {
  /**
   * `headers`; `write` of `bytes` bytes; `blocked` and `drain` around a wait for a slow client; `end` of the body; `close` of the
   * connection.
   */
  readonly kind: "headers" | "write" | "blocked" | "drain" | "end" | "close";
  /** CLOCK_MONOTONIC in ms, as `process.hrtime()`: comparable across processes on one machine. */
  readonly at_ms: number;
  /** Bytes of the body before this entry. */
  readonly offset: number;
  /** Bytes of a `write`, else 0. */
  readonly bytes: number;
  /** Type of the event that was written. */
  readonly event?: string;
  /** Index of a `token`. */
  readonly index?: number;
}

/** The journal of one job. */
export interface JobJournal {
  readonly job_id: string;
  readonly correlation_id: string;
  readonly entries: readonly JournalEntry[];
  /** Older entries of this job that were dropped; their bytes are included in the offsets. */
  readonly dropped: number;
}

/** The journals of the last jobs, oldest first; `dropped` is the number of jobs whose journal was dropped. */
export interface JournalAnswer {
  readonly jobs: readonly JobJournal[];
  readonly dropped: number;
}
