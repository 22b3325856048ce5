import type { JobJournal, JournalAnswer, JournalEntry } from "worker-orcd-control";

/**
 * Maximum number of jobs, and of writes per job; at most about 50 MB, and about 7 MB with 100 jobs of 2,048
 * tokens.
 */
const MAX_JOB_COUNT = 100;
const MAX_ENTRY_COUNT = 10_000;

/** CLOCK_MONOTONIC at the start of the process, which `performance.now()` counts from. */
const PROCESS_START_MS = startOfProcess();

/** What was actually sent to the clients of the last jobs, and when. */
export class SendJournal {
  readonly #records: JobRecord[] = [];
  #dropped = 0;

  /** Begins the journal of one job and drops the oldest one if needed. */
  open(jobId: string, correlationId: string): JobRecord {
    const record = new JobRecord(jobId, correlationId);
    this.#records.push(record);
    if (this.#records.length > MAX_JOB_COUNT) {
      this.#records.shift();
      this.#dropped++;
    }
    return record;
  }

  /** The kept journals of all jobs, oldest first, or of those with one id. */
  read(jobId?: string): JournalAnswer {
    const records = jobId === undefined ? this.#records : this.#records.filter((record) => record.jobId === jobId);
    return { jobs: records.map((record) => record.toJournal()), dropped: this.#dropped };
  }
}

/** The journal of one job: three numbers and an interned string per entry, written on the hot path. */
export class JobRecord {
  readonly jobId: string;
  readonly #correlationId: string;
  #kinds: string[] = [];
  #times: number[] = [];
  #bytes: number[] = [];
  #indexes: number[] = [];
  #firstOffset = 0;
  #dropped = 0;

  constructor(jobId: string, correlationId: string) {
    this.jobId = jobId;
    this.#correlationId = correlationId;
  }

  /** Records something that sends no bytes of the body. */
  note(kind: Exclude<JournalEntry["kind"], "write">): void {
    this.#push(`-${kind}`, 0, -1);
  }

  /** Records the write of a text that represents an event. */
  write(text: string, event: string, index = -1): void {
    this.#push(event, Buffer.byteLength(text), index);
  }

  toJournal(): JobJournal {
    let offset = this.#firstOffset;
    const entries = this.#kinds.map((kind, position) => {
      const entry = this.#entry(kind, position, offset);
      offset += entry.bytes;
      return entry;
    });
    return { job_id: this.jobId, correlation_id: this.#correlationId, entries, dropped: this.#dropped };
  }

  #entry(kind: string, position: number, offset: number): JournalEntry {
    const at_ms = PROCESS_START_MS + (this.#times[position] ?? 0);
    const bytes = this.#bytes[position] ?? 0;
    if (kind.startsWith("-")) return { kind: kind.slice(1) as JournalEntry["kind"], at_ms, offset, bytes };
    const index = this.#indexes[position] ?? -1;
    return { kind: "write", at_ms, offset, bytes, event: kind, ...(index < 0 ? {} : { index }) };
  }

  #push(kind: string, bytes: number, index: number): void {
    // Drops half at a time, so that the cost of moving the rest is shared by thousands of entries.
    if (this.#kinds.length >= MAX_ENTRY_COUNT) this.#dropOldest(MAX_ENTRY_COUNT / 2);
    this.#kinds.push(kind);
    this.#times.push(performance.now());
    this.#bytes.push(bytes);
    this.#indexes.push(index);
  }

  #dropOldest(count: number): void {
    for (let position = 0; position < count; position++) this.#firstOffset += this.#bytes[position] ?? 0;
    this.#kinds = this.#kinds.slice(count);
    this.#times = this.#times.slice(count);
    this.#bytes = this.#bytes.slice(count);
    this.#indexes = this.#indexes.slice(count);
    this.#dropped += count;
  }
}

function startOfProcess(): number {
  const nowMs = performance.now();
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1e6 - nowMs;
}
