import { setTimeout as delay } from "node:timers/promises";
import { formatBytes } from "../../numbers/index.js";
import { checkKnownOptions, checkPositive, TestkitError } from "../../errors/index.js";
import { checkBytes } from "../leak/index.js";
import { GPU_OPTIONS, type GpuOptions } from "./options.js";
import { createGpuReader, readOnce, type GpuMemory } from "./read-gpu-memory.js";

/** Options of {@link waitForGpuMemoryToClear}. */
export interface GpuClearOptions extends GpuOptions {
  /** As much may be in use, in bytes: what the driver and the desktop take. */
  readonly toBytes: number;
  /** @default 30000 */
  readonly timeoutMs?: number | undefined;
  /** Pause between two looks in ms. @default 250 */
  readonly everyMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const CLEAR_OPTIONS = [
  ...GPU_OPTIONS,
  ...(["toBytes", "timeoutMs", "everyMs", "signal"] satisfies (keyof GpuClearOptions)[]),
];

/**
 * Waits until at most `toBytes` of a GPU are in use: before a test that needs it empty, because the driver gives memory back a
 * moment after its process has ended. Resolves with what is in use then; looks at least once.
 *
 * @throws {GPU_MEMORY_TIMEOUT} still more, with the processes that hold it. @throws {GPU_UNAVAILABLE} @throws {INVALID_OPTION}
 * @throws the signal's reason.
 * @example await waitForGpuMemoryToClear({ gpuDevice: 0, toBytes: 512 * 1024 ** 2 });
 */
export async function waitForGpuMemoryToClear(options: GpuClearOptions): Promise<GpuMemory> {
  checkKnownOptions("options", options, CLEAR_OPTIONS);
  const { toBytes, timeoutMs = 30_000, everyMs = 250, signal } = options;
  checkBytes("toBytes", toBytes);
  checkPositive("timeoutMs", timeoutMs);
  checkPositive("everyMs", everyMs);
  const reader = createGpuReader(options);
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
  const held =
    pids === undefined || pids.length === 0 ? "the driver lists no process" : `processes: ${pids.join(", ")}`;
  return new TestkitError("GPU_MEMORY_TIMEOUT", {
    message: `GPU ${index} (${name}) still has ${formatBytes(usedBytes)} in use after ${timeoutMs} ms, expected at most ${formatBytes(toBytes)}; ${held}`,
    details: { ...memory, toBytes, waitedMs: timeoutMs },
  });
}
