// Events a second of collectSseEvents() in each dialect, against a bare loop for that dialect: the same HTTP client, the same SSE parser
// (or a loop over lines) and JSON.parse. The server is a process of its own and writes prepared bytes; what counts is the CPU time of the
// client, which other work on the machine disturbs less than the time of the clock.
import { fork } from "node:child_process";
import { once } from "node:events";
import { createParser } from "eventsource-parser";
import { collectSseEvents, makeTestRequest, WorkerTestHarness } from "inference-testkit";
import { Agent, request } from "undici";
import { DIALECT_FRAMES } from "./dialect-frames.mjs";
import { alternate, median, pairedRatio, report } from "./measure.mjs";

const ROUNDS = 7;
const EVENT_COUNT = 100_000;
const GOAL = "≥ 0.85";

const dispatcher = new Agent({ bodyTimeout: 0 });
for (const dialect of Object.keys(DIALECT_FRAMES)) await measure(dialect);
await dispatcher.destroy();

async function measure(dialect) {
  const server = fork(new URL("stream-server.mjs", import.meta.url), [String(EVENT_COUNT), dialect]);
  const [url] = await once(server, "message");
  const worker = await WorkerTestHarness.attach(url, { dialect, model: "bench" });
  try {
    const { bare, collected } = await alternate(ROUNDS, {
      bare: () => cpuTime(() => readBare(url, dialect)),
      collected: () => cpuTime(() => readCollected(worker)),
    });
    const rate = (ms) => `${Math.round(EVENT_COUNT / median(ms))} events per ms of CPU time`;
    const detail = `${rate(collected)} against ${rate(bare)}, ${EVENT_COUNT} events, median of ${ROUNDS} paired runs`;
    report({
      what: `collectSseEvents() of ${dialect} against a bare loop`,
      value: pairedRatio(bare, collected),
      goal: GOAL,
      detail,
    });
  } finally {
    await worker.stop();
    server.kill();
  }
}

/** Milliseconds of CPU time of this process that `run` takes; that its events are complete is checked outside of the time. */
async function cpuTime(run) {
  const before = process.cpuUsage();
  const events = await run();
  const { user, system } = process.cpuUsage(before);
  if (events.length < EVENT_COUNT) throw new Error(`expected at least ${EVENT_COUNT} events, got ${events.length}`);
  return (user + system) / 1000;
}

async function readBare(url, dialect) {
  const { body } = await request(url, { method: "POST", dispatcher });
  const read = dialect === "ollama" ? readLines : readMessages;
  return read(body);
}

async function readMessages(body) {
  const events = [];
  const parser = createParser({ onEvent: ({ data }) => data !== "[DONE]" && events.push(JSON.parse(data)) });
  const decoder = new TextDecoder();
  for await (const chunk of body) parser.feed(decoder.decode(chunk, { stream: true }));
  return events;
}

async function readLines(body) {
  const events = [];
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop();
    for (const line of lines) events.push(JSON.parse(line));
  }
  return events;
}

async function readCollected(worker) {
  const job = makeTestRequest("job-1", "Hello", EVENT_COUNT, { seed: null });
  return collectSseEvents(await worker.execute(job));
}
