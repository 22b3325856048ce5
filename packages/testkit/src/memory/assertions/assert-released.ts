import { setTimeout as delay } from "node:timers/promises";
import { formatBytes } from "../../numbers/index.js";
import { InvalidOptionError, TestkitError } from "../../errors/index.js";
import {
  checkOption,
  defineOptions,
  durationMs,
  flag,
  resolveOptions,
  sizeBytes,
  withDefault,
  type OptionsOf,
  type ResolvedOptionsOf,
} from "../../options/index.js";
import type { MemoryMonitor } from "../monitor/memory-monitor.js";
import { SOURCES } from "../monitor/options.js";
import type { MemoryRecord } from "../record.js";
import type { MemorySample } from "../sample.js";
import { MEMORY_SOURCE_FACTS, MEMORY_SOURCES, type MemorySourceName } from "../sources/registry.js";

/** The options of {@link assertReleasedAfterStop}. */
const RELEASE_OPTIONS = defineOptions({
  /**
   * How much may remain above the baseline, in bytes.
   * @default 0 for `process-tree` and `gpu-process`, 67108864 (64 MiB) for `gpu-device`
   */
  headroomBytes: sizeBytes(),
  /** Time from the end of the worker to the deadline, in ms; with a monitor, from the call. @default 10000 */
  withinMs: withDefault(durationMs(), 10_000),
  /** GPU memory in use before the worker was started: `(await readGpuMemory()).usedBytes`. Required for `gpu-device`. */
  baselineBytes: sizeBytes(),
  /**
   * Sources that must be released: any of `process-tree`, `gpu-process`, `gpu-device`.
   * @default those that are available; `gpu-device` only with a baseline or without `gpu-process`
   */
  sources: SOURCES,
  /** States that no other process uses the GPU, as for a leak. @default false */
  exclusiveGpu: withDefault(flag(), false),
});

/** Options of {@link assertReleasedAfterStop}. */
export interface ReleaseOptions extends OptionsOf<typeof RELEASE_OPTIONS> {}

type ResolvedReleaseOptions = ResolvedOptionsOf<typeof RELEASE_OPTIONS>;

const RELEASABLE = MEMORY_SOURCES.filter((name) => MEMORY_SOURCE_FACTS[name].outlivesWorker);
const DEVICE_HEADROOM_BYTES = 64 * 1024 ** 2;
const POLL_MS = 50;

/**
 * Fails unless the memory of a stopped worker is released in time: none of its processes uses any, and the GPU is back at its
 * earlier level. A monitor is sampled until the deadline; for a record, its samples after the stop count.
 *
 * @throws {MEMORY_NOT_RELEASED} the message has what is left of each source.
 * @throws {MEMORY_INCONCLUSIVE} the worker died by itself, no source is available, or other processes use the GPU.
 * @throws {INVALID_OPTION} the worker is still running, or an option is invalid.
 * @example
 * await worker.stop();
 * await assertReleasedAfterStop(monitor, { withinMs: 5_000 });
 */
export async function assertReleasedAfterStop(
  subject: MemoryMonitor | MemoryRecord,
  options: ReleaseOptions = {},
): Promise<void> {
  checkSubject(subject);
  const resolved = resolveOptions(RELEASE_OPTIONS, options);
  const { withinMs } = resolved;
  if (!("samples" in subject)) return assertMonitor(subject, resolved);
  const stopped = requireStopped(subject);
  const watched = subject.samples.filter(({ atMs }) => atMs >= stopped.atMs && atMs <= stopped.atMs + withinMs);
  assertSamples(subject, watched, resolved);
}

function checkSubject(subject: unknown): void {
  const { samples, sample } = (subject ?? {}) as { samples?: unknown; sample?: unknown };
  const holds = Array.isArray(samples) || typeof sample === "function";
  checkOption(holds, "subject", { wanted: "a monitor or its record", value: subject });
}

async function assertMonitor(monitor: MemoryMonitor, options: ResolvedReleaseOptions): Promise<void> {
  const deadline = performance.now() + options.withinMs;
  for (;;) {
    const sample = await monitor.sample();
    const record = monitor.snapshot();
    requireStopped(record);
    if (performance.now() >= deadline || findLeft(sample, chooseSources(record, options), options).length === 0) {
      assertSamples(record, [sample], options);
      return;
    }
    await delay(Math.min(POLL_MS, options.withinMs));
  }
}

function requireStopped(record: MemoryRecord): { readonly atMs: number } {
  const died = record.marks.find(({ kind }) => kind === "died");
  if (died !== undefined) {
    throw inconclusive(`the worker was not stopped, it died (${died.detail}): what it left says nothing about a stop`);
  }
  const stopped = record.marks.find(({ kind }) => kind === "stopped");
  if (stopped !== undefined) return stopped;
  throw new InvalidOptionError({
    message: "Expected a worker that was stopped, got one that was still running at the last sample",
    hint: "Call `await worker.stop()` before, and keep the monitor running until after it.",
  });
}

function assertSamples(record: MemoryRecord, samples: readonly MemorySample[], options: ResolvedReleaseOptions): void {
  const sources = chooseSources(record, options);
  const told = samples.filter(({ bytes }) => sources.every((name) => bytes[name] !== undefined));
  const last = told.at(-1);
  if (last === undefined) throw inconclusive(`no sample after the stop has figures of ${sources.join(", ")}`);
  if (told.some((sample) => findLeft(sample, sources, options).length === 0)) {
    if (sources.includes("gpu-device") && !options.exclusiveGpu) requireAlone(last);
    return;
  }
  const left = findLeft(last, sources, options);
  if (left.every(({ source }) => source === "gpu-device") && !options.exclusiveGpu) requireAlone(last);
  const lines = left.map(({ source, bytes, allowed }) => {
    return `  ${source}: ${formatBytes(bytes)} in use, expected at most ${formatBytes(allowed)}`;
  });
  throw new TestkitError("MEMORY_NOT_RELEASED", {
    message: ["the worker was stopped, but its memory was not released in time", ...lines],
    details: { left, withinMs: options.withinMs },
  });
}

function chooseSources(
  record: MemoryRecord,
  { sources, baselineBytes }: ResolvedReleaseOptions,
): readonly MemorySourceName[] {
  const available = record.sources.filter(({ status }) => status === "available").map(({ name }) => name);
  const hasProcess = available.includes("gpu-process");
  const usual = available.filter((name) => name !== "gpu-device" || baselineBytes !== undefined || !hasProcess);
  const chosen = (sources ?? usual).filter((name) => RELEASABLE.includes(name));
  if (chosen.length === 0) throw inconclusive("no source is available that outlives the worker (process-tree, gpu-…)");
  if (!chosen.includes("gpu-device") || baselineBytes !== undefined) return chosen;
  throw inconclusive(
    "the GPU as a whole can only be compared with what it had in use before the start: set `baselineBytes`",
  );
}

interface Left {
  readonly source: MemorySourceName;
  readonly bytes: number;
  readonly allowed: number;
}

function findLeft(sample: MemorySample, sources: readonly MemorySourceName[], options: ResolvedReleaseOptions): Left[] {
  return sources.flatMap((source) => {
    const isDevice = source === "gpu-device";
    const { headroomBytes = isDevice ? DEVICE_HEADROOM_BYTES : 0, baselineBytes = 0 } = options;
    const allowed = headroomBytes + (isDevice ? baselineBytes : 0);
    const bytes = sample.bytes[source] ?? Infinity;
    return bytes > allowed ? [{ source, bytes, allowed }] : [];
  });
}

function requireAlone({ gpuNeighbours }: MemorySample): void {
  if (gpuNeighbours === undefined || gpuNeighbours.pids.length === 0) return;
  throw inconclusive(
    `other processes use the GPU: pid ${gpuNeighbours.pids.join(", ")}; set \`exclusiveGpu: true\` to ignore this`,
  );
}

function inconclusive(message: string): TestkitError {
  return new TestkitError("MEMORY_INCONCLUSIVE", { message });
}
