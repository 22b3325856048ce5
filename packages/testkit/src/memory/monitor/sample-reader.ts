import type { WorkerTestHarness } from "../../harness/index.js";
import type { MemoryMonitorCost } from "../record.js";
import type { GpuNeighbours, MemoryFigures, MemorySample } from "../sample.js";
import { MEMORY_SOURCE_FACTS } from "../sources/registry.js";
import type { SourceStats } from "../sources/source-stats.js";
import type { HealthFacts, Reading, Sampler } from "../sources/source.js";

/** The state when a read began. Its figures belong to that state, even if the state changes in the meantime. */
export type SampleContext = Pick<MemorySample, "phase" | "worker">;

/** The results of one read. */
export interface ReadResult {
  readonly context: SampleContext;
  readonly startedAt: number;
  readonly tookMs: number;
  readonly bytes: MemoryFigures;
  readonly health: HealthFacts | undefined;
  readonly gpuNeighbours: GpuNeighbours | undefined;
}

/** Dependencies of a reader. */
export interface SampleReaderParts {
  readonly worker: WorkerTestHarness;
  readonly samplers: readonly Sampler[];
  readonly stats: SourceStats;
  readonly signal: AbortSignal;
}

/** Reads all samplers that are due, never two reads at a time. */
export class SampleReader {
  readonly #parts: SampleReaderParts;
  readonly #readAtMs = new Map<Sampler, number>();
  #reading: Promise<unknown> | undefined;
  #sampleCount = 0;
  #readingMs = 0;
  #longestMs = 0;

  constructor(parts: SampleReaderParts) {
    this.#parts = parts;
  }

  get isBusy(): boolean {
    return this.#reading !== undefined;
  }

  get cost(): Omit<MemoryMonitorCost, "missedCount"> {
    return { sampleCount: this.#sampleCount, readingMs: this.#readingMs, longestMs: this.#longestMs };
  }

  /** Reads as soon as no other read is running. `exact`: reads all sources, due or not. */
  async read(exact: boolean, begin: () => SampleContext): Promise<ReadResult> {
    while (this.#reading !== undefined) await this.#reading;
    const reading = this.#readNow(exact, begin()).finally(() => {
      this.#reading = undefined;
    });
    this.#reading = reading;
    return reading;
  }

  async #readNow(exact: boolean, context: SampleContext): Promise<ReadResult> {
    const startedAt = performance.now();
    const readings = await Promise.all(this.#findDue(exact, startedAt).map((sampler) => this.#read(sampler, exact)));
    const tookMs = performance.now() - startedAt;
    this.#sampleCount += 1;
    this.#readingMs += tookMs;
    this.#longestMs = Math.max(this.#longestMs, tookMs);
    return {
      context,
      startedAt,
      tookMs,
      bytes: Object.assign({}, ...readings.map((reading) => this.#parts.stats.add(reading))) as MemoryFigures,
      health: readings.find(({ health }) => health !== undefined)?.health,
      gpuNeighbours: readings.find(({ gpuNeighbours }) => gpuNeighbours !== undefined)?.gpuNeighbours,
    };
  }

  #read(sampler: Sampler, exact: boolean): Promise<Reading> {
    return sampler.read({ exact, signal: this.#parts.signal });
  }

  #findDue(exact: boolean, now: number): Sampler[] {
    const { worker, samplers, stats } = this.#parts;
    const due = samplers.filter((sampler) => {
      if (!stats.isOpen(sampler.names)) return false;
      if (worker.exitInfo !== undefined && !outlivesWorker(sampler)) return false;
      return exact || now - (this.#readAtMs.get(sampler) ?? -Infinity) >= sampler.everyMs;
    });
    for (const sampler of due) this.#readAtMs.set(sampler, now);
    return due;
  }
}

function outlivesWorker({ names }: Sampler): boolean {
  return names.some((name) => MEMORY_SOURCE_FACTS[name].outlivesWorker);
}
