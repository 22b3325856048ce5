// The overhead of a fault proxy without faults: how much later each token arrives, and how many fewer events per second, compared with a
// direct connection. The server is a separate process; the proxy runs in the client's process, as in a test.
import { fork } from "node:child_process";
import { once } from "node:events";
import { FaultProxy } from "inference-testkit/faults";
import { Agent, request } from "undici";
import { alternate, median, pairedRatio, report, time } from "./measure.mjs";

const ROUNDS = 7;
const EVENT_COUNT = 200_000;

const server = fork(new URL("stream-server.mjs", import.meta.url), [String(EVENT_COUNT)]);
const [url] = await once(server, "message");
const direct = url.replace(/\/$/, "");
const proxy = await FaultProxy.inFrontOf(direct);
const watching = await FaultProxy.inFrontOf(direct, {
  faults: [{ id: "fin", at: { afterTokens: EVENT_COUNT + 1 }, optional: true, match: { path: "/*" } }],
});
const dispatcher = new Agent({ bodyTimeout: 0 });

try {
  await reportLatency();
  await reportThroughput();
} finally {
  await dispatcher.destroy();
  await Promise.all([proxy.stop(), watching.stop()]);
  server.kill();
}

async function reportLatency() {
  const { alone, through } = await alternate(ROUNDS, {
    alone: () => readPaced(direct),
    through: () => readPaced(proxy.baseUrl),
  });
  const added = median(through.map((value, round) => value - alone[round]));
  const detail = `${median(through).toFixed(0)} against ${median(alone).toFixed(0)} µs from the worker's write to the client`;
  report({ what: "added latency of a token through a fault proxy", value: added, unit: "µs", detail });
}

async function reportThroughput() {
  const { alone, through, watched } = await alternate(ROUNDS, {
    alone: () => time(() => readAll(direct)),
    through: () => time(() => readAll(proxy.baseUrl)),
    watched: () => time(() => readAll(watching.baseUrl)),
  });
  const rate = (ms) => `${Math.round(EVENT_COUNT / median(ms))} events/ms`;
  const detail = `${rate(through)} against ${rate(alone)}, ${EVENT_COUNT} events, median of ${ROUNDS} paired runs`;
  report({
    what: "throughput of a fault proxy against a direct connection",
    value: pairedRatio(alone, through),
    detail,
  });
  const note = `${rate(watched)}: every event is looked at, and sent on its own`;
  report({
    what: "the same with a fault armed behind the last token",
    value: pairedRatio(alone, watched),
    detail: note,
  });
}

/** Median of the time in µs from the write of a token to its arrival. */
async function readPaced(baseUrl) {
  const { body } = await request(`${baseUrl}/paced`, { dispatcher });
  const delays = [];
  for await (const chunk of body) {
    const arrivedAt = process.hrtime.bigint();
    for (const [, sentAt] of String(chunk).matchAll(/"t":"(\d+)"/g))
      delays.push(Number(arrivedAt - BigInt(sentAt)) / 1000);
  }
  return median(delays);
}

async function readAll(baseUrl) {
  const { body } = await request(`${baseUrl}/`, { dispatcher });
  for await (const _ of body);
}
