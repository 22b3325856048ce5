import type { MemoryRecord } from "../../src/memory/index.js";
import type { MemorySample } from "../../src/memory/sample.js";
import type { MemorySourceInfo } from "../../src/memory/record.js";
import type { MemorySourceName } from "../../src/memory/sources/registry.js";

/** A source that gave figures. */
export function availableSource(name: MemorySourceName): MemorySourceInfo {
  return { name, definition: "", status: "available", readCount: 1, failedCount: 0 };
}

/** A record with these samples of `process-tree`. */
export function recordOf(samples: readonly MemorySample[], fields: Partial<MemoryRecord> = {}): MemoryRecord {
  return {
    schemaVersion: 1,
    startedAt: "2024-01-01T00:00:00.000Z",
    durationMs: 1_000,
    everyMs: 100,
    worker: { workerId: "w" },
    idleBy: "slots",
    sources: [availableSource("process-tree")],
    samples,
    phases: [],
    marks: [],
    cost: { sampleCount: 1, missedCount: 0, readingMs: 0, longestMs: 0 },
    verdicts: [],
    ...fields,
  };
}
