// Time of executeAll() on the stub worker, against a bare loop with the same requests, concurrency and HTTP client, an SSE parser and
// JSON.parse. The elapsed time contains the worker's, which is the same for both; the processor time of this process does not.
import { createParser } from "eventsource-parser";
import { assertAllOk, makeTestRequest, WorkerTestHarness } from "inference-testkit";
import { Agent, request } from "undici";
import { alternate, median, pairedRatio, report } from "./measure.mjs";

const ROUNDS = 15;
const JOB_COUNT = 400;
const TOKEN_COUNT = 20;
const CONCURRENCY = 32;

const worker = await WorkerTestHarness.startMock({ parallel: CONCURRENCY });
const dispatcher = new Agent({ connections: null, bodyTimeout: 0 });
const requests = Array.from({ length: JOB_COUNT }, (_, index) => makeTestRequest(`job-${index}`, "Hello", TOKEN_COUNT));

try {
  const { bare, all } = await alternate(ROUNDS, { bare: () => measure(runBare), all: () => measure(runAll) });
  const pick = (samples, name) => samples.map((sample) => sample[name]);
  const perJob = (samples, name) => `${((median(pick(samples, name)) * 1000) / JOB_COUNT).toFixed(0)} µs`;
  const cpuRatio = pairedRatio(pick(all, "cpuMs"), pick(bare, "cpuMs")).toFixed(2);
  const detail = `${perJob(all, "ms")} against ${perJob(bare, "ms")} a job of ${TOKEN_COUNT} tokens, concurrency ${CONCURRENCY}; processor time of the client alone ${cpuRatio} ×, ${perJob(all, "cpuMs")} against ${perJob(bare, "cpuMs")} a job; median of ${ROUNDS} paired runs`;
  report({
    what: "executeAll() against a bare HTTP loop",
    value: pairedRatio(pick(all, "ms"), pick(bare, "ms")),
    goal: "≤ 1.3",
    detail,
  });
} finally {
  await worker.stop();
  await dispatcher.destroy();
}

async function measure(run) {
  globalThis.gc?.();
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  await run();
  const { user, system } = process.cpuUsage(cpuBefore);
  return { ms: performance.now() - startedAt, cpuMs: (user + system) / 1000 };
}

async function runAll() {
  assertAllOk(await worker.executeAll(requests, { concurrency: CONCURRENCY }));
}

async function runBare() {
  const queue = requests.values();
  const work = async () => {
    for (const job of queue) await executeBare(job);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
}

async function executeBare(job) {
  const { body } = await request(`${worker.baseUrl}/execute`, {
    dispatcher,
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(job),
  });
  const events = [];
  const parser = createParser({ onEvent: (message) => events.push(JSON.parse(message.data)) });
  const decoder = new TextDecoder();
  for await (const chunk of body) parser.feed(decoder.decode(chunk, { stream: true }));
  if (events.length !== TOKEN_COUNT + 2) throw new Error(`expected ${TOKEN_COUNT + 2} events, got ${events.length}`);
}
