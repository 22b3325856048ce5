import { assertSuccessfulCompletion, collectSseEvents } from "../../events/index.js";
import { makeTestRequest } from "../../requests/index.js";
import type { WorkerTestHarness } from "../../harness/index.js";
import { callback, defineOptions, integer, resolveOptions, withDefault, type OptionsOf } from "../../options/index.js";
import { LEAK_OPTIONS } from "../leak/leak-options.js";
import { IDLE_OPTIONS } from "../monitor/idle-gate.js";
import { monitorMemory } from "../monitor/monitor-memory.js";
import { MONITOR_OPTIONS, type MonitorOptions } from "../monitor/options.js";
import type { MemoryRecord } from "../record.js";

/** Runs a cycle. It must be finished when its promise settles. */
export type LeakJob = (cycle: number, worker: WorkerTestHarness) => Promise<unknown>;

const { judge: _judge, phase: _phase, ...WATCH_OPTIONS } = MONITOR_OPTIONS;

const RUN_OPTIONS = defineOptions({
  ...WATCH_OPTIONS,
  ...LEAK_OPTIONS,
  /** @default one request for 16 tokens, which must complete */
  job: callback<LeakJob>(),
  /** Number of cycles, 10 to 1000000. @default 100 */
  cycles: withDefault(integer([10, 1_000_000]), 100),
  /** Time-out for reaching an idle point, in ms. @default 10000 */
  idleTimeoutMs: IDLE_OPTIONS.timeoutMs,
});

/** Options of a run of cycles. */
export interface LeakRunOptions extends OptionsOf<typeof RUN_OPTIONS> {}

const DEFAULT_TOKENS = 16;

/** Runs the cycles, with an idle point before the first one and after each. */
export async function runLeakCycles(worker: WorkerTestHarness, options: LeakRunOptions): Promise<MemoryRecord> {
  const { job = runDefaultJob, cycles, idleTimeoutMs: timeoutMs, signal } = resolveOptions(RUN_OPTIONS, options);
  await using monitor = await monitorMemory(worker, { ...pickMonitorOptions(options), phase: "idle" });
  await monitor.sampleIdle({ timeoutMs, signal });
  monitor.phase("inference");
  for (let cycle = 1; cycle <= cycles; cycle++) {
    signal?.throwIfAborted();
    await job(cycle, worker);
    await monitor.sampleIdle({ cycle, timeoutMs, signal });
  }
  monitor.phase("idle");
  return await monitor.stop();
}

function pickMonitorOptions(options: LeakRunOptions): MonitorOptions {
  const { everyMs, sources, pid, maxSampleCount, gpuDevice, gpuBackend, gpuCommand, signal } = options;
  const { limitBytes, remainingCycles, minGrowthBytes, minGrowthShare, confidence, exclusiveGpu } = options;
  const judge = { limitBytes, remainingCycles, minGrowthBytes, minGrowthShare, confidence, exclusiveGpu };
  return { everyMs, sources, pid, maxSampleCount, gpuDevice, gpuBackend, gpuCommand, signal, judge };
}

async function runDefaultJob(cycle: number, worker: WorkerTestHarness): Promise<void> {
  const request = makeTestRequest(`leak-cycle-${cycle}`, `Cycle ${cycle}: once upon a time`, DEFAULT_TOKENS);
  assertSuccessfulCompletion(await collectSseEvents(await worker.execute(request)));
}
