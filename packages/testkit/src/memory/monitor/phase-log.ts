import type { MemoryPhase } from "../record.js";
import type { MemoryFigures, MemoryPhaseName, MemorySample, MemorySourceName } from "../sample.js";

interface OpenPhase {
  readonly name: MemoryPhaseName;
  readonly fromMs: number;
  sampleCount: number;
  peakBytes: Partial<Record<MemorySourceName, number>>;
  lastBytes: MemoryFigures;
}

/** The phases of a record with their peaks, which hold also when samples are thinned out. */
export class PhaseLog {
  readonly #closed: MemoryPhase[] = [];
  #open: OpenPhase;

  constructor(name: MemoryPhaseName) {
    this.#open = openPhase(name, 0);
  }

  get name(): MemoryPhaseName {
    return this.#open.name;
  }

  /** Begins a phase; the one that is open already goes on. */
  begin(name: MemoryPhaseName, atMs: number): void {
    if (name === this.#open.name) return;
    this.#closed.push({ ...this.#open, toMs: atMs });
    this.#open = openPhase(name, atMs);
  }

  add({ bytes }: MemorySample): void {
    const phase = this.#open;
    phase.sampleCount += 1;
    phase.lastBytes = { ...phase.lastBytes, ...bytes };
    for (const [name, value] of Object.entries(bytes) as [MemorySourceName, number][]) {
      phase.peakBytes[name] = Math.max(value, phase.peakBytes[name] ?? 0);
    }
  }

  list(untilMs: number): readonly MemoryPhase[] {
    return [...this.#closed, { ...this.#open, peakBytes: { ...this.#open.peakBytes }, toMs: untilMs }];
  }
}

function openPhase(name: MemoryPhaseName, fromMs: number): OpenPhase {
  return { name, fromMs, sampleCount: 0, peakBytes: {}, lastBytes: {} };
}
