import { describe, expect, onTestFinished, test } from "vitest";
import { parseStubConfig, type StubConfigInput } from "worker-orcd-control";
import { ControlServer } from "../../src/control/index.js";
import { StubControl } from "../../src/faults/index.js";
import { HttpServer, LISTENER_TIMEOUTS, PLAIN_BEHAVIOR, type ListenerTimeouts } from "../../src/http/index.js";
import { Bench } from "../support/bench.js";
import { stubEngine } from "../support/engines.js";
import { connectRaw, rawPost, rawRequest } from "../support/raw-connection.js";
import { job } from "../support/requests.js";
import { waitFor } from "../support/wait-for.js";

const HEADERS_MS = 300;
const REQUEST_MS = 600;
const TIMEOUTS: ListenerTimeouts = { headersMs: HEADERS_MS, requestMs: REQUEST_MS, idleMs: 60_000, checkMs: 20 };
/** Node compares whole milliseconds of two clocks. */
const CLOCK_MS = 20;
/** Lasts several times as long as a request may take to arrive. */
const LONG: StubConfigInput = { content: "counter", timing: { itlMs: 50 } };
const LONG_TOKENS = 60;

/** The worker's listener, in this process. */
async function startMain(config: StubConfigInput = {}, timeouts = TIMEOUTS): Promise<number> {
  const engine = stubEngine(config);
  const { scheduler, metrics, logger } = new Bench(engine);
  const state = {
    workerId: "w",
    version: "0.0.0",
    engine,
    scheduler,
    metrics,
    logger,
    maxTokensOut: 2048,
    behavior: PLAIN_BEHAVIOR,
    stopping: false,
    uptimeSeconds: () => 0,
    requestShutdown: () => undefined,
  };
  const server = new HttpServer(state, { timeouts });
  onTestFinished(async () => {
    await scheduler.drain(0);
    await server.close();
  });
  return await server.listen("127.0.0.1", 0);
}

/** The control listener, in this process. */
async function startControl(): Promise<number> {
  const config = parseStubConfig({});
  const control = new StubControl({
    config,
    slots: 1,
    contextSize: 2048,
    onFired: () => undefined,
    exit: () => new Promise(() => undefined),
  });
  const server = new ControlServer(control, { timeouts: TIMEOUTS });
  onTestFinished(() => server.close());
  return Number(new URL(await server.listen()).port);
}

/** Sends it a byte at a time, one in `everyMs`, until the connection is closed. */
async function trickle(
  port: number,
  text: string,
  everyMs: number,
): Promise<{ statuses: number[]; sentBytes: number }> {
  const connection = await connectRaw(port);
  let sentBytes = 0;
  const timer = setInterval(() => connection.send(text.charAt(sentBytes++)), everyMs);
  onTestFinished(() => clearInterval(timer));
  await connection.closed;
  clearInterval(timer);
  return { statuses: connection.statuses, sentBytes };
}

describe.each([
  ["main", () => startMain()],
  ["control", startControl],
])("the %s listener", (_name, start) => {
  test("closes a connection that sends nothing, without an answer", async () => {
    const port = await start();
    const startedAtMs = performance.now();
    const connection = await connectRaw(port);
    await connection.closed;
    expect(performance.now() - startedAtMs).toBeGreaterThan(HEADERS_MS - CLOCK_MS);
    expect([connection.text, connection.failure]).toEqual(["", undefined]);
  });

  test.each([
    ["half a head", rawRequest("GET /health").slice(0, -4)],
    ["half a body", rawPost("/execute", job()).slice(0, -3)],
    ["a head whose body never comes", rawPost("/execute", job()).split("{", 1)[0]!],
    [
      "a chunked body that never ends",
      "POST /execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    ],
  ])("closes a connection that sent %s", async (_sent, bytes) => {
    const connection = await connectRaw(await start());
    connection.send(bytes);
    await connection.closed;
    // The control listener has refused a body without a token before.
    expect([[408], [403]]).toContainEqual(connection.statuses);
    expect(connection.failure).toBeUndefined();
  });

  test("closes a connection that sends its request a byte at a time", async () => {
    const request = rawRequest(`GET /health?${"x".repeat(10_000)}`);
    const { statuses, sentBytes } = await trickle(await start(), request, 20);
    expect(statuses).toEqual([408]);
    expect(sentBytes).toBeLessThan(request.length);
  });

  test("closes a connection that sends its body a byte at a time", async () => {
    const request = `POST /execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n`;
    const connection = await connectRaw(await start());
    connection.send(request);
    const timer = setInterval(() => connection.send(" "), 20);
    onTestFinished(() => clearInterval(timer));
    await connection.closed;
    expect([[408], [403]]).toContainEqual(connection.statuses);
  });
});

test("the answer to a late request is JSON with the time limits", async () => {
  const connection = await connectRaw(await startMain());
  connection.send("GET /health HTTP/1.1\r\n");
  await connection.closed;
  const [head = "", body = ""] = connection.text.split("\r\n\r\n");
  expect(head).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  expect(head).toContain(`content-length: ${body.length}`);
  expect(JSON.parse(body)).toEqual({
    code: "REQUEST_TIMEOUT",
    message: "the request did not arrive in time: the headers within 300 ms, all of it within 600 ms",
    retriable: false,
  });
});

describe("a slow answer", () => {
  test("is not cut off, and the next request on the connection is answered", async () => {
    const connection = await connectRaw(await startMain(LONG));
    connection.send(rawPost("/execute", job({ max_tokens: LONG_TOKENS })));
    await connection.waitForText(/event: end/);
    connection.send(rawRequest("GET /health"));
    await connection.waitForText(/"status":"healthy"/);
    expect(connection.text.split("event: token")).toHaveLength(LONG_TOKENS + 1);
  });

  test.each([
    ["half a head", "POST /exe"],
    ["half a body", rawPost("/execute", job()).slice(0, -3)],
  ])("is not cut off by %s after it; the connection is closed afterwards", async (_name, bytes) => {
    const connection = await connectRaw(await startMain(LONG));
    connection.send(rawPost("/execute", job({ max_tokens: LONG_TOKENS }))).send(bytes);
    await connection.closed;
    expect(connection.statuses).toEqual([200]);
    expect(connection.text.split("event: token")).toHaveLength(LONG_TOKENS + 1);
    expect(connection.text).toMatch(/event: end\n.*\n\n\r\n0\r\n\r\n$/);
  });
});

test.each([
  ["a request", "", rawPost("/execute", job({ max_tokens: 2 }))],
  ["the rest of a head", "POST /exe", rawPost("/execute", job({ max_tokens: 2 })).slice("POST /exe".length)],
  [
    "the rest of a body",
    rawPost("/execute", job({ max_tokens: 2 })).slice(0, -3),
    rawPost("/execute", job()).slice(-3),
  ],
])("%s that arrives while the process is stopped is not late", async (_name, first, rest) => {
  const port = await startMain();
  const connection = await connectRaw(port);
  connection.send(first);
  const other = (await connectRaw(port)).send(rawRequest("GET /health"));
  await other.waitForText(/healthy/); // the first part is read
  connection.send(rest);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * REQUEST_MS);
  await waitFor("an answer, or the end", () => connection.socket.destroyed || connection.text.includes("event: end"));
  expect(connection.statuses).toEqual([200]);
});

test("a rejected body that never ends gets one answer and closes the connection", async () => {
  const connection = await connectRaw(await startMain());
  connection.send(rawPost("/nowhere", "x".repeat(1_000)).slice(0, -500));
  await connection.closed;
  expect(connection.statuses).toEqual([404]);
});

test("a connection may be idle between two requests for longer than a request may take", async () => {
  const connection = await connectRaw(await startMain());
  const silent = await connectRaw(connection.socket.remotePort!);
  connection.send(rawRequest("GET /health"));
  await connection.waitForText(/healthy/);
  await silent.closed; // opened later, so the same time has passed for it
  connection.send(rawRequest("GET /health"));
  await waitFor("the second answer", () => connection.statuses.length === 2);
});

test("an idle connection is closed after its own time-out", async () => {
  const connection = await connectRaw(await startMain({}, { ...TIMEOUTS, idleMs: 100 }));
  connection.send(rawRequest("GET /health"));
  await connection.closed;
  expect(connection.statuses).toEqual([200]);
});

test("a late client loses its connection, its request counts as rejected, and no slot is taken", async () => {
  const port = await startMain();
  const connections = await Promise.all(Array.from({ length: 100 }, () => connectRaw(port)));
  for (const connection of connections) connection.send(rawPost("/execute", job()).slice(0, -3));
  await Promise.all(connections.map(({ closed }) => closed));
  expect(connections.map(({ statuses }) => statuses)).toEqual(connections.map(() => [408]));
  const connection = await connectRaw(port);
  connection.send(rawRequest("GET /metrics"));
  await connection.waitForText(/worker_requests_total\{outcome="rejected"\} 100/);
});

test("a worker closes silent connections within 15 s and checks every second", () => {
  expect(LISTENER_TIMEOUTS).toEqual({ headersMs: 10_000, requestMs: 15_000, idleMs: 75_000, checkMs: 1_000 });
});
