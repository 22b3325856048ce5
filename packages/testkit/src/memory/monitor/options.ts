import {
  abortSignal,
  checkedBy,
  custom,
  defineOptions,
  integer,
  number,
  resolveOptions,
  text,
  withDefault,
  type OptionsOf,
  type ResolvedOptionsOf,
} from "../../options/index.js";
import { GPU_OPTIONS, resolveGpuOptions, type ResolvedGpuOptions } from "../gpu/options.js";
import { LEAK_OPTIONS, type LeakOptions } from "../leak/leak-options.js";
import type { MemoryPhaseName } from "../sample.js";
import { MEMORY_SOURCES, type MemorySourceName } from "../sources/registry.js";

const MOST_PIDS = 2 ** 31 - 1;

/** Some sources, at least one. */
export const SOURCES = custom<readonly MemorySourceName[]>(`a list of ${MEMORY_SOURCES.join(", ")}`, (value) => {
  const known: readonly unknown[] = MEMORY_SOURCES;
  return Array.isArray(value) && value.length > 0 && value.every((name) => known.includes(name));
});

/** The options of {@link monitorMemory}. */
export const MONITOR_OPTIONS = defineOptions({
  ...GPU_OPTIONS,
  /** Sampling interval in ms, 5 to 3600000; the GPU is read at most once a second. @default 100 */
  everyMs: withDefault(number([5, 3_600_000]), 100),
  /** What is read. @default all */
  sources: withDefault(SOURCES, MEMORY_SOURCES),
  /** The first phase. @default "idle" */
  phase: withDefault(
    checkedBy<MemoryPhaseName>((name, value) => text({ filled: true }).read(name, value)),
    "idle",
  ),
  /** Process id of an attached worker on this machine, for the sources that read processes. */
  pid: integer([1, MOST_PIDS]),
  /**
   * Number of samples to keep, 100 to 1000000; beyond that, every second one between idle points is dropped. @default 10000
   */
  maxSampleCount: withDefault(integer([100, 1_000_000]), 10_000),
  /** Options for the verdicts of the record. */
  judge: withDefault(checkedBy<LeakOptions>(checkLeakOptions), {}),
  /** Stops the monitoring, which the record notes. */
  signal: abortSignal(),
});

/** Options of {@link monitorMemory}. */
export interface MonitorOptions extends OptionsOf<typeof MONITOR_OPTIONS> {}

/** The options with their defaults. */
export interface ResolvedMonitorOptions extends ResolvedOptionsOf<typeof MONITOR_OPTIONS> {
  readonly gpu: ResolvedGpuOptions;
}

/** Resolves the monitor options. @throws {INVALID_OPTION} */
export function resolveMonitorOptions(options: MonitorOptions): ResolvedMonitorOptions {
  const resolved = resolveOptions(MONITOR_OPTIONS, options);
  const { gpuDevice, gpuBackend, gpuCommand } = resolved;
  return { ...resolved, gpu: resolveGpuOptions({ gpuDevice, gpuBackend, gpuCommand }) };
}

/** These options are needed later; an invalid one is rejected before the run, not after it. */
function checkLeakOptions(name: string, options: LeakOptions): LeakOptions {
  resolveOptions(LEAK_OPTIONS, options, name);
  return options;
}
