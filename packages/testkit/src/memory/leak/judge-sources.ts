import type { MemorySample } from "../sample.js";
import type { MemorySourceName } from "../sources/registry.js";
import { judgeLeak } from "./judge-leak.js";
import type { LeakOptions } from "./leak-options.js";
import type { LeakVerdict } from "./verdict.js";

/** What of a record is judged. */
export interface JudgedRecord {
  readonly samples: readonly MemorySample[];
  readonly sources: readonly { readonly name: MemorySourceName; readonly status: "available" | "unavailable" }[];
}

/**
 * Judges several sources: the named ones, or else every available one; the GPU as a whole only if there are no figures of the worker's own
 * processes on it. Without any idle point, no verdict was wanted, and the list is empty.
 */
export function judgeSources(
  record: JudgedRecord,
  { sources, ...options }: LeakOptions & { readonly sources?: readonly MemorySourceName[] | undefined } = {},
): LeakVerdict[] {
  if (sources === undefined && !record.samples.some(({ idle }) => idle)) return [];
  return (sources ?? findJudged(record)).map((source) => judgeLeak(record.samples, { ...options, source }));
}

function findJudged(record: JudgedRecord): MemorySourceName[] {
  const available = record.sources.filter(({ status }) => status === "available").map(({ name }) => name);
  return available.filter((name) => name !== "gpu-device" || !available.includes("gpu-process"));
}
