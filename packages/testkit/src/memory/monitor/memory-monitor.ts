import { judgeSources } from "../leak/judge-sources.js";
import { resolveOptions } from "../../options/index.js";
import type { MemoryRecord } from "../record.js";
import type { MemoryPhaseName, MemorySample } from "../sample.js";
import type { SourceStats } from "../sources/source-stats.js";
import type { ResolvedMonitorOptions } from "./options.js";
import { PhaseLog } from "./phase-log.js";
import { IDLE_OPTIONS, type IdleGate, type IdleOptions } from "./idle-gate.js";
import type { ReadResult, SampleContext, SampleReader } from "./sample-reader.js";
import { SampleStore } from "./sample-store.js";
import { Schedule } from "./schedule.js";
import type { WorkerWatch } from "./worker-watch.js";

/** Parts of a monitor. */
export interface MonitorParts {
  readonly worker: MemoryRecord["worker"];
  readonly options: ResolvedMonitorOptions;
  readonly reader: SampleReader;
  readonly stats: SourceStats;
  readonly watch: WorkerWatch;
  readonly gate: IdleGate;
  /** Aborts pending reads when the monitor stops. */
  readonly controller: AbortController;
}

/**
 * Watches the memory of one worker until the monitor is stopped, which leaving its scope (`await using`) does. It survives the
 * end and restart of the worker, and records both.
 */
export class MemoryMonitor implements AsyncDisposable {
  readonly #parts: MonitorParts;
  readonly #startedAt = new Date().toISOString();
  readonly #zero = performance.now();
  readonly #store: SampleStore;
  readonly #phases: PhaseLog;
  readonly #schedule: Schedule;
  #nextCycle = 0;
  #stopped: Promise<MemoryRecord> | undefined;

  /** For {@link monitorMemory}. */
  constructor(parts: MonitorParts) {
    this.#parts = parts;
    this.#store = new SampleStore(parts.options.maxSampleCount);
    this.#phases = new PhaseLog(parts.options.phase);
    this.#schedule = new Schedule(parts.options.everyMs, () => this.#sampleIfFree());
    if (parts.options.signal?.aborted === true) this.#abort();
    else parts.options.signal?.addEventListener("abort", this.#abort);
  }

  /** Begins a phase that describes what the test is doing; peaks are kept per phase. */
  phase(name: MemoryPhaseName): void {
    this.#phases.begin(name, this.#now());
  }

  /** Takes an extra sample now; it is not an idle point. Never rejects because of a source. */
  sample(): Promise<MemorySample> {
    return this.#take({ exact: true, idle: false });
  }

  /**
   * Waits until no job is running or queued and takes a sample: an idle point, on which verdicts are based. If a job starts in
   * the meantime, it waits again. A worker whose `/health` has no `slots` is assumed to be idle when this is called.
   *
   * @throws {MEMORY_QUIET_TIMEOUT} jobs were running the whole time. @throws {PROCESS_DIED} the worker ended.
   * @throws {INVALID_OPTION}
   */
  async sampleIdle(options: IdleOptions = {}): Promise<MemorySample> {
    const { cycle = this.#nextCycle, ...waiting } = resolveOptions(IDLE_OPTIONS, options);
    this.#nextCycle = cycle + 1;
    return this.#parts.gate.pass({
      ...waiting,
      read: () => this.#parts.reader.read(true, this.#begin),
      keep: (result, idle) => this.#keep(result, idle ? { idle, cycle } : { idle }),
    });
  }

  /** The record so far. */
  snapshot(): MemoryRecord {
    const { worker, options, reader, stats, watch, gate } = this.#parts;
    const durationMs = this.#now();
    const record: MemoryRecord = {
      schemaVersion: 1,
      startedAt: this.#startedAt,
      durationMs,
      everyMs: options.everyMs,
      worker,
      idleBy: gate.idleBy,
      sources: stats.list(),
      samples: this.#store.samples,
      phases: this.#phases.list(durationMs),
      marks: [...watch.marks],
      cost: { ...reader.cost, missedCount: this.#schedule.missedCount },
      verdicts: [],
    };
    return { ...record, verdicts: judgeSources(record, options.judge) };
  }

  /** Takes a last sample and stops. Every call returns the same promise; never rejects. */
  stop(): Promise<MemoryRecord> {
    this.#stopped ??= this.#stopOnce();
    return this.#stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #stopOnce(): Promise<MemoryRecord> {
    this.#schedule.stop();
    this.#parts.options.signal?.removeEventListener("abort", this.#abort);
    if (this.#parts.options.signal?.aborted !== true) await this.#take({ exact: false, idle: false });
    this.#parts.controller.abort();
    return this.snapshot();
  }

  readonly #abort = (): void => {
    this.#schedule.stop();
    this.#parts.controller.abort();
    this.#parts.watch.mark({ kind: "aborted", atMs: this.#now(), detail: "by the signal" });
  };

  async #sampleIfFree(): Promise<void> {
    if (!this.#parts.reader.isBusy) await this.#take({ exact: false, idle: false });
  }

  async #take({ exact, idle }: { readonly exact: boolean; readonly idle: boolean }): Promise<MemorySample> {
    return this.#keep(await this.#parts.reader.read(exact, this.#begin), { idle });
  }

  /** A worker that has stopped ends its phase. */
  readonly #begin = (): SampleContext => {
    const worker = this.#parts.watch.lookForEnd(this.#phases.name, this.#now());
    if (worker === "stopped") this.phase("after-stop");
    return { phase: this.#phases.name, worker };
  };

  #keep(
    { context, startedAt, tookMs, bytes, health, gpuNeighbours }: ReadResult,
    kind: { readonly idle: boolean; readonly cycle?: number },
  ): MemorySample {
    const { watch } = this.#parts;
    if (health !== undefined) watch.lookForRestart(health, this.#now());
    const sample: MemorySample = {
      atMs: startedAt + tookMs / 2 - this.#zero,
      tookMs,
      ...context,
      ...kind,
      incarnation: watch.incarnation,
      bytes,
      ...(gpuNeighbours === undefined ? {} : { gpuNeighbours }),
    };
    this.#store.add(sample);
    this.#phases.add(sample);
    return sample;
  }

  #now(): number {
    return performance.now() - this.#zero;
  }
}
