// Events per second of collectSseEvents() on a loopback stream, compared with a bare loop with the same HTTP client, the same SSE parser
// and JSON.parse. The server is a separate process that writes prepared bytes.
import { fork } from "node:child_process";
import { once } from "node:events";
import { createParser } from "eventsource-parser";
import { collectSseEvents } from "inference-testkit";
import { Agent, request } from "undici";
import { alternate, median, pairedRatio, report, time } from "./measure.mjs";

const ROUNDS = 9;
const EVENT_COUNT = 200_000;

const server = fork(new URL("stream-server.mjs", import.meta.url), [String(EVENT_COUNT)]);
const [url] = await once(server, "message");
const dispatcher = new Agent({ bodyTimeout: 0 });

try {
  const { bare, collected } = await alternate(ROUNDS, {
    bare: () => time(readBare),
    collected: () => time(readCollected),
  });
  const rate = (ms) => `${Math.round(EVENT_COUNT / median(ms))} events/ms`;
  const detail = `${rate(collected)} against ${rate(bare)}, ${EVENT_COUNT} events, median of ${ROUNDS} paired runs`;
  report({
    what: "collectSseEvents() against a bare loop",
    value: pairedRatio(bare, collected),
    goal: "≥ 0.8",
    detail,
  });
} finally {
  server.kill();
  await dispatcher.destroy();
}

async function readBare() {
  const { body } = await request(url, { dispatcher });
  const events = [];
  const parser = createParser({ onEvent: (message) => events.push(JSON.parse(message.data)) });
  const decoder = new TextDecoder();
  for await (const chunk of body) parser.feed(decoder.decode(chunk, { stream: true }));
  expectAll(events);
}

async function readCollected() {
  const { statusCode, headers, body } = await request(url, { dispatcher });
  const abort = () => body.destroy();
  expectAll(
    await collectSseEvents({ kind: "inference-stream-response", status: statusCode, headers, body, url, abort }),
  );
}

function expectAll(events) {
  if (events.length !== EVENT_COUNT + 2) throw new Error(`expected ${EVENT_COUNT + 2} events, got ${events.length}`);
}
