// How far the stub's pace is off: the length of a stream, as the journal of the worker has it, compared with the sum of its inter-token latencies.
import { collectSseEvents, makeTestRequest, WorkerTestHarness } from "inference-testkit";
import { median, report } from "./measure.mjs";

const ROUNDS = 5;
const STREAM_MS = 2_000;

for (const itlMs of [1, 2, 5, 10]) {
  const worker = await WorkerTestHarness.startMock({ stub: { timing: { itlMs } } });
  try {
    await measure(worker, itlMs);
  } finally {
    await worker.stop();
  }
}

async function measure(worker, itlMs) {
  const tokenCount = STREAM_MS / itlMs + 1;
  const streams = [];
  for (let round = 0; round < ROUNDS; round++) streams.push(await run(worker, `job-${round}`, tokenCount));
  const errors = streams.map((times) => (Math.abs(times.at(-1) - times[0] - STREAM_MS) / STREAM_MS) * 100);
  const late = streams.map((times) => Math.max(...times.map((time, index) => time - times[0] - index * itlMs)));
  report({
    what: `pacing error of ${tokenCount} tokens, ${itlMs} ms apart`,
    value: median(errors),
    unit: "%",
    goal: "≤ 1",
    detail: `worst of ${ROUNDS} streams ${Math.max(...errors).toFixed(2)} %; the latest token was ${Math.max(...late).toFixed(1)} ms late`,
  });
}

/** When each token was sent, in ms. */
async function run(worker, jobId, tokenCount) {
  await collectSseEvents(await worker.execute(makeTestRequest(jobId, "Hello", tokenCount)));
  const { jobs } = await worker.journal(jobId);
  return jobs[0].entries.filter(({ event }) => event === "token").map(({ at_ms }) => at_ms);
}
