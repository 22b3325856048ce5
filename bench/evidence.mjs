// Events of collectSseEvents() per millisecond of this process's CPU time, on a loopback stream through a recorded harness, compared with
// one that is not recorded; and the cost of writing the bundle. The server is a separate process that writes prepared bytes.
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collectSseEvents, WorkerTestHarness } from "inference-testkit";
import { alternate, median, pairedRatio, report } from "./measure.mjs";

const ROUNDS = 9;
const EVENT_COUNT = 200_000;

const server = fork(new URL("stream-server.mjs", import.meta.url), [String(EVENT_COUNT)]);
const [url] = await once(server, "message");
const folder = await mkdtemp(join(tmpdir(), "inference-testkit-bench-"));
const writes = [];

try {
  const { plain, recorded } = await alternate(ROUNDS, {
    afterWriting: () => readWith(false), // slower by a tenth, because of what writing leaves to the garbage collector: does not count
    plain: () => readWith(false),
    recorded: () => readWith(true),
  });
  const rate = (ms) => `${Math.round(EVENT_COUNT / median(ms))} events/ms of the processor`;
  const detail = `${rate(recorded)} against ${rate(plain)}, ${EVENT_COUNT} events, median of ${ROUNDS} paired runs`;
  report({
    what: "collectSseEvents() recorded, against not",
    value: pairedRatio(plain, recorded),
    goal: "≥ 0.9",
    detail,
  });
  const perEvent = ((median(writes) * 1000) / EVENT_COUNT).toFixed(1);
  report({
    what: "writing the bundle at stop()",
    value: median(writes),
    unit: "ms",
    detail: `${perEvent} µs per event`,
  });
} finally {
  server.kill();
  await rm(folder, { recursive: true, force: true });
}

/** Milliseconds of the processor: others use the machine as well. */
async function cpuTime(run) {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Milliseconds that reading takes; stopping, and so the writing of the bundle, does not count. */
async function readWith(isRecorded) {
  globalThis.gc?.();
  const worker = await WorkerTestHarness.attach(url.replace(/\/$/, ""));
  if (isRecorded) await worker.recordTo(folder, { maxBytes: 2 ** 28 });
  const tookMs = await cpuTime(async () => {
    const events = await collectSseEvents(await worker.execute({ job_id: "job-1", prompt: "Hello" }));
    if (events.length !== EVENT_COUNT + 2) throw new Error(`expected ${EVENT_COUNT + 2} events, got ${events.length}`);
  });
  const stopMs = await cpuTime(() => worker.stop());
  if (isRecorded) writes.push(stopMs);
  return tookMs;
}
