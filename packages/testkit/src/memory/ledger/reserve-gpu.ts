import { pause } from "../../launch/index.js";
import { formatMs } from "../../numbers/index.js";
import {
  abortSignal,
  defineOptions,
  durationMs,
  integer,
  listOf,
  required,
  resolveOptions,
  text,
  withDefault,
  type OptionsOf,
} from "../../options/index.js";
import { createOutput } from "../../terminal/index.js";
import { GPU_BACKEND_OPTIONS } from "../gpu/options.js";
import { checkFits, createTimeoutError, describeWait } from "./describe-shares.js";
import { enter, isNext, leave, tryTake } from "./queue.js";
import { GpuReservation } from "./reservation.js";
import { LedgerFile, type LedgerEntry } from "./ledger-file.js";
import { MOST_GPUS, VisibleGpus } from "./visible-gpus.js";

const MIB = 1024 ** 2;
/** A wait that takes longer is shown, and again after a while. */
const FIRST_NOTICE_MS = 3_000;
const NOTICE_EVERY_MS = 60_000;

const RESERVE_OPTIONS = defineOptions({
  /** Who it is for: named to those who wait, and what is remembered of a run is remembered under it. */
  name: required(text({ filled: true })),
  /** GPU memory in MiB, the worker's peak. @default what the last run of this name used at most and 5 % more; without one, a whole GPU */
  vramMiB: integer([1, Number.MAX_SAFE_INTEGER]),
  /** The GPUs to choose from, by their index among the visible ones. @default all that are visible */
  devices: listOf(integer([0, MOST_GPUS - 1]), { wanted: "a list of GPUs like [0, 1]", filled: true }),
  /** Time-out for the wait, in ms. @default 600000 */
  timeoutMs: withDefault(durationMs(), 600_000),
  /** Pause between two looks at the GPU while it waits, in ms. @default 500 */
  everyMs: withDefault(durationMs(), 500),
  /** Ends the wait. */
  signal: abortSignal(),
  ...GPU_BACKEND_OPTIONS,
});

/** Options of {@link reserveGpu}. */
export interface ReserveOptions extends OptionsOf<typeof RESERVE_OPTIONS> {}

/**
 * Waits until a GPU has room, and reserves it. All test processes of this user on this machine share one ledger, so that suites that run at the same
 * time do not fill each other's GPU. First come, first served: nobody overtakes a large one that waits. The share of a process that ends, however it
 * ends, is free again.
 *
 * @throws {GPU_MEMORY_TIMEOUT} no room in time; the message names who has what. @throws {GPU_UNAVAILABLE}
 * @throws {INVALID_OPTION} also a `vramMiB` that no GPU has. @throws the signal's reason.
 * @example
 * await using gpu = await reserveGpu({ name: "llama-8b", vramMiB: 9000 });
 * await using worker = await WorkerTestHarness.start(model, gpu.device);
 */
export async function reserveGpu(options: ReserveOptions): Promise<GpuReservation> {
  const { name, vramMiB, devices, timeoutMs, everyMs, signal, ...backend } = resolveOptions(RESERVE_OPTIONS, options);
  const gpus = await VisibleGpus.find(devices, backend);
  const ledger = await LedgerFile.open();
  checkFits(vramMiB, await gpus.read());
  const startedAtMs = performance.now();
  const entry = await enter(ledger, name, vramMiB === undefined ? undefined : vramMiB * MIB);
  let nextNoticeMs = FIRST_NOTICE_MS;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const waitedMs = performance.now() - startedAtMs;
      const isDue = waitedMs >= Math.min(timeoutMs, nextNoticeMs);
      // Reading the GPUs starts tools: not for those that have to wait for another one anyway.
      if (isDue || (await isNext(ledger, entry))) {
        const attempt = await tryTake(ledger, entry, await gpus.read());
        if ("taken" in attempt) return new GpuReservation({ ledger, gpus, ...attempt, waitedMs });
        if (waitedMs >= timeoutMs) throw createTimeoutError(entry, attempt, waitedMs);
        if (isDue) showWait(entry, attempt, waitedMs);
        if (isDue) nextNoticeMs = waitedMs + NOTICE_EVERY_MS;
      }
      await pause(Math.min(everyMs, timeoutMs - waitedMs), signal);
    }
  } catch (error) {
    await leave(ledger, entry);
    throw error;
  }
}

/** On stderr: whoever looks at a suite that stands still sees what it waits for. */
function showWait(entry: LedgerEntry, wait: Parameters<typeof describeWait>[1], waitedMs: number): void {
  const output = createOutput(process.stderr);
  const [first = "", ...others] = describeWait(entry, wait);
  output.line(`waiting for a GPU for ${formatMs(waitedMs)}: ${first}`);
  for (const line of others) output.line(`  ${line}`);
}
