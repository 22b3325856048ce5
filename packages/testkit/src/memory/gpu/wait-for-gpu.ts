import { setTimeout as delay } from "node:timers/promises";
import { TestkitError } from "../../errors/index.js";
import { formatBytes } from "../../numbers/index.js";
import {
  abortSignal,
  defineOptions,
  durationMs,
  required,
  resolveOptions,
  sizeBytes,
  withDefault,
  type OptionsOf,
} from "../../options/index.js";
import { createGpuReader, READ_OPTIONS, readOnce, type GpuMemory } from "./read-gpu-memory.js";

const CLEAR_OPTIONS = defineOptions({
  ...READ_OPTIONS,
  /** Bytes that may remain in use, such as by the driver and the desktop. */
  toBytes: required(sizeBytes()),
  /** Time-out, in ms. @default 30000 */
  timeoutMs: withDefault(durationMs(), 30_000),
  /** Pause between two reads, in ms. @default 250 */
  everyMs: withDefault(durationMs(), 250),
  /** Ends the wait. */
  signal: abortSignal(),
});

/** Options of {@link waitForGpuMemoryToClear}. */
export type GpuClearOptions = OptionsOf<typeof CLEAR_OPTIONS>;

/**
 * Waits until at most `toBytes` of a GPU are in use. For tests that need an empty GPU: the driver frees memory shortly after a
 * process has ended. Resolves with the last reading; reads at least once.
 *
 * @throws {GPU_MEMORY_TIMEOUT} more is still in use; the message lists the processes that use it. @throws {GPU_UNAVAILABLE}
 * @throws {INVALID_OPTION}
 * @throws the signal's reason.
 * @example await waitForGpuMemoryToClear({ gpuDevice: 0, toBytes: 512 * 1024 ** 2 });
 */
export async function waitForGpuMemoryToClear(options: GpuClearOptions): Promise<GpuMemory> {
  const { toBytes, timeoutMs, everyMs, signal, ...gpu } = resolveOptions(CLEAR_OPTIONS, options);
  const reader = createGpuReader(gpu);
  const startedAt = performance.now();
  for (;;) {
    signal?.throwIfAborted();
    const memory = await readOnce(reader);
    if (memory.usedBytes <= toBytes) return memory;
    const leftMs = timeoutMs - (performance.now() - startedAt);
    if (leftMs <= 0) throw createTimeoutError(memory, toBytes, timeoutMs);
    await delay(Math.min(everyMs, leftMs), undefined, signal === undefined ? {} : { signal }).catch(() => {
      signal?.throwIfAborted();
    });
  }
}

function createTimeoutError(memory: GpuMemory, toBytes: number, timeoutMs: number): TestkitError {
  const { index, name, usedBytes, pids } = memory;
  const held = pids === undefined || pids.length === 0 ? "no process is listed" : `processes: ${pids.join(", ")}`;
  return new TestkitError("GPU_MEMORY_TIMEOUT", {
    message: `GPU ${index} (${name}) still has ${formatBytes(usedBytes)} in use after ${timeoutMs} ms, expected at most ${formatBytes(toBytes)}; ${held}`,
    details: { ...memory, toBytes, waitedMs: timeoutMs },
  });
}
