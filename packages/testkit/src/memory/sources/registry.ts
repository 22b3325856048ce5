/** What one source measures. */
interface MemorySource {
  /** Printed next to its figures. */
  readonly definition: string;
  /** Whether it has a figure when the worker has ended, so that it shows what was released. */
  readonly outlivesWorker: boolean;
}

/** Where figures come from; options, records, verdicts and the page are made from these entries. */
export const MEMORY_SOURCE_FACTS = {
  "worker-health": {
    definition: "`vram_bytes` of the worker's GET /health: memory in use as reported by the worker",
    outlivesWorker: false,
  },
  "worker-metrics": { definition: "`worker_vram_bytes` of the worker's GET /metrics", outlivesWorker: false },
  "process-tree": {
    definition:
      "resident memory of the worker process, its descendants and its process group; shared pages count in each",
    outlivesWorker: true,
  },
  "gpu-device": { definition: "memory in use on the whole GPU, by any process", outlivesWorker: true },
  "gpu-process": { definition: "GPU memory of the worker's processes", outlivesWorker: true },
} as const satisfies Readonly<Record<string, MemorySource>>;

/** Where a figure comes from; see `docs/memory.md`. */
export type MemorySourceName = keyof typeof MEMORY_SOURCE_FACTS;

/** Every name. */
export const MEMORY_SOURCES = Object.keys(MEMORY_SOURCE_FACTS) as readonly MemorySourceName[];
