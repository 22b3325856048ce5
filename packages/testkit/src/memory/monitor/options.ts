import { checkFilledText, checkInteger, checkKnownOptions, checkOption, checkSignal } from "../../errors/index.js";
import { GPU_OPTIONS, resolveNvidiaSmi, validateGpuDevice, type GpuOptions } from "../gpu/index.js";
import { checkLeakOptions, type LeakOptions } from "../leak/index.js";
import { MEMORY_SOURCES, type MemoryPhaseName, type MemorySourceName } from "../sample.js";

/** Options of {@link monitorMemory}. */
export interface MonitorOptions extends GpuOptions {
  /** From one sample to the next in ms, 5..3600000; the GPU is looked at once a second at most. @default 100 */
  readonly everyMs?: number | undefined;
  /** @default all five */
  readonly sources?: readonly MemorySourceName[] | undefined;
  /** The first phase. @default "idle" */
  readonly phase?: MemoryPhaseName | undefined;
  /** Process id of an attached worker on this machine, for the sources that look at processes. */
  readonly pid?: number | undefined;
  /** Samples that are kept, 100..1000000; when there are more, every second one between idle points goes. @default 10000 */
  readonly maxSampleCount?: number | undefined;
  /** How the record's verdicts are made. */
  readonly judge?: LeakOptions | undefined;
  /** Ends the monitoring; the record says so. */
  readonly signal?: AbortSignal | undefined;
}

/** The same with the defaults. */
export interface ResolvedMonitorOptions extends Omit<MonitorOptions, "phase"> {
  readonly everyMs: number;
  readonly sources: readonly MemorySourceName[];
  readonly phase: MemoryPhaseName;
  readonly maxSampleCount: number;
  readonly judge: LeakOptions;
}

/** Every option of {@link MonitorOptions}. */
export const MONITOR_OPTIONS = [
  ...GPU_OPTIONS,
  ...(["everyMs", "sources", "phase", "pid", "maxSampleCount", "judge", "signal"] satisfies (keyof MonitorOptions)[]),
];

const DEFAULTS = { everyMs: 100, sources: MEMORY_SOURCES, phase: "idle", maxSampleCount: 10_000, judge: {} } as const;
const FASTEST_MS = 5;
const SLOWEST_MS = 3_600_000;
const MOST_PIDS = 2 ** 31 - 1;

/** The one door for monitor options. @throws {INVALID_OPTION} */
export function resolveMonitorOptions(options: MonitorOptions): ResolvedMonitorOptions {
  checkKnownOptions("options", options, MONITOR_OPTIONS);
  const { pid, gpuDevice, nvidiaSmi, signal } = options;
  const {
    everyMs = DEFAULTS.everyMs,
    sources = DEFAULTS.sources,
    phase = DEFAULTS.phase,
    maxSampleCount = DEFAULTS.maxSampleCount,
    judge = DEFAULTS.judge,
  } = options;
  const isPace = typeof everyMs === "number" && everyMs >= FASTEST_MS && everyMs <= SLOWEST_MS;
  checkOption(isPace, "everyMs", { wanted: `a number from ${FASTEST_MS} to ${SLOWEST_MS}`, value: everyMs });
  validateSources(sources);
  checkLeakOptions("judge", judge);
  checkFilledText("phase", phase);
  checkInteger("maxSampleCount", maxSampleCount, [100, 1_000_000]);
  checkSignal("signal", signal);
  if (pid !== undefined) checkInteger("pid", pid, [1, MOST_PIDS]);
  if (gpuDevice !== undefined) validateGpuDevice(gpuDevice, -1);
  resolveNvidiaSmi(nvidiaSmi);
  return { everyMs, sources, phase, maxSampleCount, judge, pid, gpuDevice, nvidiaSmi, signal };
}

/** @throws {INVALID_OPTION} not a list of sources, or an empty one. */
export function validateSources(sources: readonly MemorySourceName[]): void {
  const wanted = `a list of ${MEMORY_SOURCES.join(", ")}`;
  const known: readonly unknown[] = MEMORY_SOURCES;
  const given: unknown = sources;
  const isList = Array.isArray(given) && given.length > 0 && given.every((name) => known.includes(name));
  checkOption(isList, "sources", { wanted, value: sources });
}
