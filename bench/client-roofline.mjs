// How many paced streams can one client process handle before its own delay exceeds 10 ms, how much CPU does an event take, and how does
// memory grow with the number of recorded requests?
import { makeTestRequest, WorkerTestHarness } from "inference-testkit";
import { runLoad } from "inference-testkit/load";
import { median, report } from "./measure.mjs";

const STREAMS = [100, 500, 1_000, 2_000, 4_000];
const ITL_MS = 250;
const TOKENS = 24;
/** All streams are opened within this time, and run together after it. */
const RAMP_SEC = 4;
const DELAY_LIMIT_MS = 10;
const KEPT = [1_000, 2_000, 4_000];

await measureStreams();
await measureMemory();

async function measureStreams() {
  let held = 0;
  const cpuPerEventUs = [];
  for (const count of STREAMS) {
    await using_(await startStub(count, { ttftMs: 0, itlMs: ITL_MS }), async (worker) => {
      const result = await runLoad(worker, {
        profile: { kind: "constant", ratePerSec: count / RAMP_SEC },
        requests: (index) => makeTestRequest(`stream-${index}`, "Hold the line", TOKENS),
        stop: { count },
        warmup: { count: 50 },
      });
      const { eventLoopDelayMs, cpuShare } = result.clients[0];
      const events = count * (TOKENS + 2);
      const cpuUs = (cpuShare * result.window.durationMs * 1000) / events;
      const delayMs = result.latency.clientDelay.percentiles.p50;
      const isHeld =
        delayMs < DELAY_LIMIT_MS && eventLoopDelayMs.p99 < DELAY_LIMIT_MS && result.counts.byStatus.ok === count;
      if (isHeld && held === (STREAMS[STREAMS.indexOf(count) - 1] ?? 0)) held = count;
      cpuPerEventUs.push(cpuUs);
      console.log(
        `  ${count} streams (peak ${result.figures.concurrencyPeak.value}), ${Math.round((count * 1000) / ITL_MS)} events/s: client delay ` +
          `${delayMs.toFixed(1)} ms (median), event loop ${eventLoopDelayMs.p99.toFixed(1)} ms (p99), ` +
          `${Math.round(cpuShare * 100)} % CPU, ${cpuUs.toFixed(0)} µs per event, ${JSON.stringify(result.counts.byStatus)}`,
      );
    });
  }
  const detail = `${Math.round((held * 1000) / ITL_MS)} events/s; the worker runs on the same machine`;
  report({ what: "paced streams held by one client", value: held, unit: "streams", goal: "≥ 500", detail });
  report({
    what: "CPU of the client for an event",
    value: median(cpuPerEventUs),
    unit: "µs",
    goal: "≤ 100",
    detail: "with everything",
  });
}

async function measureMemory() {
  await using_(await startStub(64, {}), async (worker) => {
    const perRequest = [];
    const load = (count) =>
      runLoad(worker, {
        profile: { kind: "concurrency", clients: 32 },
        requests: (index) => makeTestRequest(`kept-${index}`, "Keep this", 8),
        stop: { count },
      });
    await load(KEPT.at(-1)); // compiles the code, grows the pools
    for (const count of KEPT) {
      const before = usedHeap();
      const result = await load(count);
      perRequest.push((usedHeap() - before) / count);
      if (result.records.length !== count) throw new Error(`expected ${count} records, got ${result.records.length}`);
    }
    const detail = KEPT.map((count, at) => `${Math.round(perRequest[at])} bytes at ${count}`).join(", ");
    report({
      what: "memory of a kept request",
      value: Math.max(...perRequest) / 1024,
      unit: "KiB",
      goal: "≤ 2",
      detail,
    });
  });
}

function startStub(parallel, timing) {
  return WorkerTestHarness.startMock({ parallel, maxQueue: 64, logLevel: "error", stub: { timing, journal: false } });
}

/** `await using` for a Node that does not know it. */
async function using_(worker, use) {
  try {
    await use(worker);
  } finally {
    await worker.stop();
  }
}

function usedHeap() {
  if (globalThis.gc === undefined) throw new Error("run with --expose-gc");
  for (let round = 0; round < 4; round++) globalThis.gc();
  return process.memoryUsage().heapUsed;
}
