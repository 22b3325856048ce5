import { checkInteger, checkKnownOptions, checkOption } from "../../errors/index.js";
import { assertSuccessfulCompletion, collectSseEvents } from "../../events/index.js";
import { makeTestRequest } from "../../fixtures/index.js";
import type { WorkerTestHarness } from "../../harness/index.js";
import { LEAK_OPTIONS, type LeakOptions } from "../leak/index.js";
import { MONITOR_OPTIONS, monitorMemory, type MonitorOptions } from "../monitor/index.js";
import type { MemoryRecord } from "../record.js";

/** What a cycle does. It must be over when its promise is settled. */
export type LeakJob = (cycle: number, worker: WorkerTestHarness) => Promise<unknown>;

/** Options of a run of cycles. */
export interface LeakRunOptions extends Omit<MonitorOptions, "judge" | "phase">, LeakOptions {
  /** @default one request for 16 tokens, which must complete */
  readonly job?: LeakJob | undefined;
  /** How often it runs, 10..1000000. @default 100 */
  readonly cycles?: number | undefined;
  /** How long an idle point may have to be waited for, in ms. @default 10000 */
  readonly idleTimeoutMs?: number | undefined;
}

const RUN_OPTIONS = [
  ...MONITOR_OPTIONS.filter((name) => name !== "judge" && name !== "phase"),
  ...LEAK_OPTIONS,
  ...(["job", "cycles", "idleTimeoutMs"] satisfies (keyof LeakRunOptions)[]),
];
const DEFAULT_TOKENS = 16;

/** Runs the cycles, with an idle point before the first one and after each. */
export async function runLeakCycles(worker: WorkerTestHarness, options: LeakRunOptions): Promise<MemoryRecord> {
  checkKnownOptions("options", options, RUN_OPTIONS);
  const { job = runDefaultJob, cycles = 100, idleTimeoutMs: timeoutMs = 10_000, signal } = options;
  checkOption(typeof job === "function", "job", { wanted: "a function", value: job });
  checkInteger("cycles", cycles, [10, 1_000_000]);
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
  const { everyMs, sources, pid, maxSampleCount, gpuDevice, nvidiaSmi, signal } = options;
  const { limitBytes, remainingCycles, minGrowthBytes, minGrowthShare, confidence, exclusiveGpu } = options;
  const judge = { limitBytes, remainingCycles, minGrowthBytes, minGrowthShare, confidence, exclusiveGpu };
  return { everyMs, sources, pid, maxSampleCount, gpuDevice, nvidiaSmi, signal, judge };
}

async function runDefaultJob(cycle: number, worker: WorkerTestHarness): Promise<void> {
  const request = makeTestRequest(`leak-cycle-${cycle}`, `Cycle ${cycle}: once upon a time`, DEFAULT_TOKENS);
  assertSuccessfulCompletion(await collectSseEvents(await worker.execute(request)));
}
