// What watching memory costs: the CPU share of this process while a monitor looks every 50 ms, and how much slower the worker is for it.
import { collectStream, makeTestRequest, WorkerTestHarness } from "inference-testkit";
import { monitorMemory } from "inference-testkit/memory";
import { alternate, median, pairedRatio, report } from "./measure.mjs";

const EVERY_MS = 50;
const WATCH_MS = 2_000;
const SHARE_ROUNDS = 5;
const SPEED_ROUNDS = 15;
const JOBS = 8;
const TOKENS = 2_000;
const WORKER_SOURCES = ["worker-health", "worker-metrics", "process-tree"];
const SETS = {
  "worker-health": ["worker-health"],
  "process-tree": ["process-tree"],
  "all without a GPU": WORKER_SOURCES,
};

const worker = await WorkerTestHarness.startMock();
try {
  await measureShares();
  await measureSlowdown();
} finally {
  await worker.stop();
}

async function measureShares() {
  const cases = Object.entries(SETS).map(([name, sources]) => [name, () => share(sources)]);
  const samples = await alternate(SHARE_ROUNDS, { nothing: () => share(undefined), ...Object.fromEntries(cases) });
  const idle = median(samples.nothing);
  for (const name of Object.keys(SETS)) {
    const value = 100 * (median(samples[name]) - idle);
    const detail = `of one core, ${1000 / EVERY_MS} looks per second; median of ${SHARE_ROUNDS} runs of ${WATCH_MS} ms, an idle process (${(100 * idle).toFixed(2)} %) taken off`;
    report({ what: `CPU of the monitor, ${name}`, value, unit: "%", goal: "≤ 5", detail });
  }
}

/** CPU time of this process over wall time. */
async function share(sources) {
  const monitor = sources === undefined ? undefined : await monitorMemory(worker, { everyMs: EVERY_MS, sources });
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
  const { user, system } = process.cpuUsage(cpuBefore);
  const result = (user + system) / 1000 / (performance.now() - startedAt);
  await monitor?.stop();
  return result;
}

async function measureSlowdown() {
  const samples = await alternate(SPEED_ROUNDS, {
    without: () => tokensPerSecond(),
    with: async () => {
      const monitor = await monitorMemory(worker, { everyMs: EVERY_MS, sources: WORKER_SOURCES });
      const speed = await tokensPerSecond();
      await monitor.stop();
      return speed;
    },
  });
  const speeds = `${Math.round(median(samples.with))} against ${Math.round(median(samples.without))} tokens/s`;
  const detail = `${speeds}, stub at full speed, client and worker on the same cores; median of ${SPEED_ROUNDS} paired runs`;
  report({
    what: "tokens/s with a monitor",
    value: pairedRatio(samples.with, samples.without),
    goal: "≥ 0.95",
    detail,
  });
}

async function tokensPerSecond() {
  const startedAt = performance.now();
  for (let job = 0; job < JOBS; job++) {
    const { outcome } = await collectStream(await worker.execute(makeTestRequest("job-1", "Hello", TOKENS)));
    if (outcome.status !== "complete") throw new Error(`a job ended as ${outcome.status}`);
  }
  return (JOBS * TOKENS * 1000) / (performance.now() - startedAt);
}
