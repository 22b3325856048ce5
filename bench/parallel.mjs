// Tokens a second of N jobs at once on N slots of the llama engine, against the same N jobs one after the other on one slot; the whole
// stack over HTTP. With common batches (the default), and with `--batch-invariant`, a context for each slot.
import { collectSseEvents, extractEndEvent, makeTestRequest, TestModel, WorkerTestHarness } from "inference-testkit";
import { alternate, median, pairedRatio, report } from "./measure.mjs";

const ROUNDS = 7;
const TOKENS_PER_JOB = 300;
/** The goal of each number of slots: nothing lost with one, and more than half gained from four on. */
const GOALS = { 1: "≥ 0.9", 2: "≥ 1.1", 4: "≥ 1.5", 8: "≥ 1.5" };
/** Jobs that each worker runs first: V8 compiles its hot loops only after some thousand tokens. */
const WARM_UP_JOBS = 24;
const OPTIONS = { threads: 1, contextSize: 1024 };
const CASES = [
  { name: "2 layers", model: {}, slotCounts: [1, 2, 4, 8] },
  { name: "12 layers", model: { layerCount: 12 }, slotCounts: [4] },
];

for (const { name, model, slotCounts } of CASES) {
  const { path } = await TestModel.synthetic(model);
  const oneSlot = await WorkerTestHarness.start(path, -1, OPTIONS);
  try {
    await runJobs(oneSlot, WARM_UP_JOBS);
    for (const slotCount of slotCounts) await compare({ name, path, oneSlot, slotCount });
  } finally {
    await oneSlot.stop();
  }
}

async function compare({ name, path, oneSlot, slotCount }) {
  const start = (batchInvariant) =>
    WorkerTestHarness.start(path, -1, { ...OPTIONS, parallel: slotCount, batchInvariant });
  const batching = await start(false);
  const invariant = await start(true);
  try {
    for (const worker of [batching, invariant]) await runJobs(worker, WARM_UP_JOBS);
    const rates = await alternate(ROUNDS, {
      oneSlot: () => runJobs(oneSlot, slotCount),
      batching: () => runJobs(batching, slotCount),
      invariant: () => runJobs(invariant, slotCount),
    });
    for (const mode of ["batching", "invariant"]) {
      report({
        what: `${name}, ${slotCount} jobs on ${slotCount} slots, ${mode === "batching" ? "shared batches" : "batch-invariant"}`,
        value: pairedRatio(rates[mode], rates.oneSlot),
        goal: GOALS[slotCount],
        detail: `${median(rates[mode]).toFixed(0)} against ${median(rates.oneSlot).toFixed(0)} tokens/s on one slot, median of ${ROUNDS} paired runs`,
      });
    }
  } finally {
    await Promise.all([batching.stop(), invariant.stop()]);
  }
}

/** Tokens a second of `jobCount` jobs that are sent at the same time. */
async function runJobs(worker, jobCount) {
  const startedAt = performance.now();
  const tokenCounts = await Promise.all(
    Array.from({ length: jobCount }, (_, job) => runJob(worker, `${startedAt}-${job}`)),
  );
  const tokenCount = tokenCounts.reduce((sum, count) => sum + count, 0);
  return (tokenCount * 1000) / (performance.now() - startedAt);
}

async function runJob(worker, jobId) {
  const events = await collectSseEvents(await worker.execute(makeTestRequest(jobId, "Hello", TOKENS_PER_JOB)));
  return extractEndEvent(events).tokens_out;
}
