import type { MemoryPhase } from "../record.js";
import type { MemoryFigures, MemoryPhaseName, MemorySample } from "../sample.js";
import type { MemorySourceName } from "../sources/registry.js";

interface OpenPhase {
  readonly name: MemoryPhaseName;
  readonly fromMs: number;
  toMs: number;
  sampleCount: number;
  peakBytes: Partial<Record<MemorySourceName, number>>;
  lastBytes: MemoryFigures;
}

/** The phases of a record with their peaks, which stay exact when samples are thinned out. */
export class PhaseLog {
  readonly #closed: OpenPhase[] = [];
  #open: OpenPhase;

  constructor(name: MemoryPhaseName) {
    this.#open = openPhase(name, 0);
  }

  get name(): MemoryPhaseName {
    return this.#open.name;
  }

  /** Begins a phase; if that phase is already open, it continues. */
  begin(name: MemoryPhaseName, atMs: number): void {
    if (name === this.#open.name) return;
    this.#open.toMs = atMs;
    this.#closed.push(this.#open);
    this.#open = openPhase(name, atMs);
  }

  /** Adds a sample to the phase in which it was started, which may be the previous one. */
  add({ bytes, phase: name }: MemorySample): void {
    const phase = this.#open.name === name ? this.#open : (this.#closed.at(-1) ?? this.#open);
    phase.sampleCount += 1;
    phase.lastBytes = { ...phase.lastBytes, ...bytes };
    for (const [source, value] of Object.entries(bytes) as [MemorySourceName, number][]) {
      phase.peakBytes[source] = Math.max(value, phase.peakBytes[source] ?? 0);
    }
  }

  list(untilMs: number): readonly MemoryPhase[] {
    const all = [...this.#closed, { ...this.#open, toMs: untilMs }];
    return all.map((phase) => ({ ...phase, peakBytes: { ...phase.peakBytes } }));
  }
}

function openPhase(name: MemoryPhaseName, fromMs: number): OpenPhase {
  return { name, fromMs, toMs: fromMs, sampleCount: 0, peakBytes: {}, lastBytes: {} };
}
