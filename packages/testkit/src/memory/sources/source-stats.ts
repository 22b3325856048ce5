import type { MemoryGpuInfo, MemorySourceInfo } from "../record.js";
import type { MemoryFigures } from "../sample.js";
import { MEMORY_SOURCE_FACTS, type MemorySourceName } from "./registry.js";
import type { Figure, Reading } from "./source.js";

interface Entry {
  readCount: number;
  failedCount: number;
  reason: string | undefined;
  closed: boolean;
}

/** Counts the reads of each source and records why figures are missing. */
export class SourceStats {
  readonly #entries: ReadonlyMap<MemorySourceName, Entry>;
  #gpu: MemoryGpuInfo | undefined;
  readonly #definitions = new Map<MemorySourceName, string>();

  constructor(names: readonly MemorySourceName[]) {
    const entry = (): Entry => ({ readCount: 0, failedCount: 0, reason: undefined, closed: false });
    this.#entries = new Map(names.map((name) => [name, entry()]));
  }

  /** Whether any of these sources may still return a figure. */
  isOpen(names: readonly MemorySourceName[]): boolean {
    return names.some((name) => this.#entries.get(name)?.closed === false);
  }

  /** Counts a reading and returns its figures. */
  add(reading: Reading): MemoryFigures {
    this.#gpu = reading.gpu ?? this.#gpu;
    for (const [name, definition] of Object.entries(reading.definitions ?? {}))
      this.#definitions.set(name as MemorySourceName, definition);
    const figures: Partial<Record<MemorySourceName, number>> = {};
    for (const [name, entry] of this.#entries) {
      const figure = reading.figures[name];
      if (figure === undefined || entry.closed) continue;
      if ("bytes" in figure) figures[name] = figure.bytes;
      note(entry, figure);
    }
    return figures;
  }

  list(): readonly MemorySourceInfo[] {
    return [...this.#entries].map(([name, { readCount, failedCount, reason }]) => ({
      name,
      definition: this.#definitions.get(name) ?? MEMORY_SOURCE_FACTS[name].definition,
      status: readCount > 0 ? "available" : "unavailable",
      readCount,
      failedCount,
      ...(reason === undefined ? {} : { reason }),
      ...(name.startsWith("gpu-") && this.#gpu !== undefined ? { device: this.#gpu } : {}),
    }));
  }
}

function note(entry: Entry, figure: Figure): void {
  if ("bytes" in figure) {
    entry.readCount += 1;
    return;
  }
  entry.failedCount += 1;
  entry.reason = figure.missing;
  entry.closed = figure.permanent === true;
}
