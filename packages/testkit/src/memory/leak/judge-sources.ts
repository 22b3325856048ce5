import type { MemorySample } from "../sample.js";
import type { MemorySourceName } from "../sources/registry.js";
import { judgeLeak } from "./judge-leak.js";
import type { LeakOptions } from "./leak-options.js";
import type { LeakVerdict } from "./verdict.js";

/** What to judge in a record. */
export interface JudgedRecord {
  readonly samples: readonly MemorySample[];
  readonly sources: readonly { readonly name: MemorySourceName; readonly status: "available" | "unavailable" }[];
}

/**
 * Judges the named sources, or else every available one; the whole GPU only if there are no figures for the worker's own processes on it.
 * Without any idle point, no verdict was requested and the list is empty.
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
