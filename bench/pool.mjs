// What a worker costs a test: a process of its own, from a pool with spares, and reused after a proof. 200 tests on a real model.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { collectSseEvents, createWorkerPool, makeTestRequest, WorkerTestHarness } from "inference-testkit";
import { alternate, median, report, time } from "./measure.mjs";

const ROUNDS = 100;
const MODEL_TESTS = 200;
const MODEL = fileURLToPath(new URL("../models/SmolLM2-135M-Instruct.Q4_1.gguf", import.meta.url));

/** A test of 100 ms, most of which it waits: 20 tokens, 5 ms apart. */
const stub = { timing: { itlMs: 5 } };
const test = async (worker) => collectSseEvents(await worker.execute(makeTestRequest("job-1", "Hello", 20)));

/** What getting and returning the worker of one test takes, without the test. */
async function costOf(take, run = test) {
  let lease;
  const takeMs = await time(async () => (lease = await take()));
  await run(lease.worker);
  return takeMs + (await time(() => lease.release()));
}

const start = ({ signal } = {}) => WorkerTestHarness.startMock({ stub, signal });
const own = async () => {
  const worker = await start();
  return { worker, release: () => worker.stop() };
};
const spares = createWorkerPool({ start, spares: 2 });
const clean = createWorkerPool({ start, reuse: "clean" });
const samples = await alternate(ROUNDS, {
  own: () => costOf(own),
  spares: () => costOf(() => spares.take()),
  clean: () => costOf(() => clean.take()),
});
await Promise.all([spares.close(), clean.close()]);
const against = `${median(samples.own).toFixed(1)} ms without a pool; median of ${ROUNDS} tests of 100 ms`;
report({
  what: "cost of a test with its own stub, 2 spares",
  value: median(samples.spares),
  unit: "ms",
  goal: "≤ 30",
  detail: against,
});
report({
  what: "cost of a test with a reused stub",
  value: median(samples.clean),
  unit: "ms",
  goal: "≤ 15",
  detail: `${against}; ${clean.startCount} start`,
});

if (existsSync(MODEL)) {
  let startMs = 0;
  const pool = createWorkerPool({
    start: async ({ signal }) => {
      const worker = await WorkerTestHarness.start(MODEL, -1, { threads: 1, signal });
      startMs = worker.readyAfterMs;
      return worker;
    },
    reuse: "clean",
  });
  const costs = [];
  const ask = async (worker) => collectSseEvents(await worker.execute(makeTestRequest("job-1", "Hello", 4)));
  for (let index = 0; index < MODEL_TESTS; index += 1) costs.push(await costOf(() => pool.take(), ask));
  await pool.close();
  const detail = `each load takes ${Math.round(startMs)} ms; otherwise ${median(costs).toFixed(1)} ms per test`;
  report({
    what: `loads of SmolLM2 for ${MODEL_TESTS} tests`,
    value: pool.startCount,
    unit: "load",
    goal: "≤ 1",
    detail,
  });
} else console.log("measured nothing with a model: models/SmolLM2-135M-Instruct.Q4_1.gguf is missing");
