// How far are the measured times from what the worker really did? 500 streams at once; the stub's journal has the time of every write,
// on the same monotonic clock. It keeps the last hundred jobs, so those of the 500 are compared.
import { setTimeout } from "node:timers/promises";
import { makeTestRequest, WorkerTestHarness } from "inference-testkit";
import { median, report } from "./measure.mjs";

const STREAMS = 500;
const TOKENS = 40;
const SPREAD_MS = 4;
const TIMING = { ttftMs: 500, itlMs: 100 };

const worker = await WorkerTestHarness.startMock({ parallel: STREAMS, maxQueue: STREAMS, stub: { timing: TIMING } });
try {
  await worker.executeAll(makeRequests("warm-up", 4)); // connects and compiles
  const outcomes = await Promise.all(makeRequests("stream", TOKENS).map(sendLater));
  const journals = await readJournals();
  const toMonotonicMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();
  const errors = { ttft: [], itl: [] };
  for (const { status, jobId, stream } of outcomes) {
    if (status !== "ok") throw new Error(`${jobId} is ${status}`);
    if (!journals.has(jobId)) continue;
    const arrivals = stream.arrivals
      .filter((_, at) => stream.events[at].type === "token")
      .map((ms) => ms + toMonotonicMs);
    const writes = journals.get(jobId).filter(({ kind, event }) => kind === "write" && event?.startsWith("token"));
    if (writes.length !== arrivals.length)
      throw new Error(`${jobId}: ${writes.length} writes, ${arrivals.length} arrivals`);
    errors.ttft.push(Math.abs(arrivals[0] - writes[0].at_ms));
    for (let at = 1; at < arrivals.length; at++) {
      const itlMs = arrivals[at] - arrivals[at - 1];
      errors.itl.push(Math.abs(itlMs - (writes[at].at_ms - writes[at - 1].at_ms)));
    }
  }
  for (const [name, values] of Object.entries(errors)) {
    const detail = `${values.length} values, ${STREAMS} streams, ${(STREAMS * 1000) / TIMING.itlMs} events/s`;
    report({ what: `error of ${name}, median`, value: median(values), unit: "ms", goal: "≤ 1", detail });
    report({ what: `error of ${name}, p99`, value: quantile(values, 0.99), unit: "ms", goal: "≤ 5", detail });
  }
} finally {
  await worker.stop();
}

function makeRequests(name, tokens) {
  return Array.from({ length: STREAMS }, (_, index) => makeTestRequest(`${name}-${index}`, "Be exact", tokens));
}

async function readJournals() {
  const { jobs } = await worker.journal();
  return new Map(jobs.map(({ job_id, entries }) => [job_id, entries]));
}

function quantile(values, share) {
  return [...values].sort((a, b) => a - b)[Math.floor(share * (values.length - 1))];
}

/** Spread over two seconds: streams that began at once would all have their tokens at the same moments. */
async function sendLater(request, index) {
  await setTimeout(index * SPREAD_MS);
  const [outcome] = await worker.executeAll([request]);
  return outcome;
}
