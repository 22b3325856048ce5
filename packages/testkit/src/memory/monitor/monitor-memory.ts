import { checkOption } from "../../options/index.js";
import type { WorkerTestHarness } from "../../harness/index.js";
import { createSamplers } from "../sources/create-samplers.js";
import { SourceStats } from "../sources/source-stats.js";
import type { HealthFacts } from "../sources/source.js";
import { readHealth } from "../sources/worker-samplers.js";
import { MemoryMonitor } from "./memory-monitor.js";
import { resolveMonitorOptions, type MonitorOptions } from "./options.js";
import { IdleGate } from "./idle-gate.js";
import { SampleReader } from "./sample-reader.js";
import { WorkerWatch } from "./worker-watch.js";

/**
 * Watches the memory of a worker: takes a first sample of every source, then one every `everyMs`. A source that cannot be read
 * here (no GPU, an attached worker) is `unavailable` with the reason; the others are not affected.
 *
 * @throws {INVALID_OPTION} @throws {PROCESS_DIED} the worker has ended. @throws the signal's reason.
 * @example
 * await using monitor = await monitorMemory(worker);
 * monitor.phase("inference");
 * await collectSseEvents(await worker.execute(request));
 * const { phases } = await monitor.stop();
 */
export async function monitorMemory(worker: WorkerTestHarness, options: MonitorOptions = {}): Promise<MemoryMonitor> {
  const isHarness = typeof (worker as Partial<WorkerTestHarness> | null)?.request === "function";
  checkOption(isHarness, "worker", { wanted: "a worker (WorkerTestHarness)", value: worker });
  const resolved = resolveMonitorOptions(options);
  resolved.signal?.throwIfAborted();
  const controller = new AbortController();
  const { signal } = controller;
  const askHealth = (): Promise<HealthFacts> => readHealth(worker, signal);
  const first = await askHealth();
  const samplers = createSamplers(worker, first, resolved);
  const stats = new SourceStats(resolved.sources);
  const monitor = new MemoryMonitor({
    worker: { workerId: worker.workerId, ...(worker.pid === undefined ? {} : { pid: worker.pid }) },
    options: resolved,
    reader: new SampleReader({ worker, samplers, stats, signal }),
    stats,
    watch: new WorkerWatch(worker, first),
    gate: new IdleGate(askHealth, first),
    controller,
  });
  await monitor.sample();
  return monitor;
}
