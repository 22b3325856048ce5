import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { InferenceEvent } from "inference-worker-protocol";
import { expect, onTestFinished, test } from "vitest";
import { ORCD_ENCODER } from "../../src/http/orcd-encoder.js";
import { ResponseSink } from "../../src/http/response-sink.js";
import { connectRaw, type RawConnection } from "../support/raw-connection.js";
import { waitFor } from "../support/wait-for.js";

/** A response on a real socket, and the client that gets it. */
async function openResponse(): Promise<{ response: ServerResponse; client: RawConnection }> {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  const client = await connectRaw((server.address() as AddressInfo).port);
  const requested = once(server, "request");
  client.send("POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  const [, response] = (await requested) as [unknown, ServerResponse];
  return { response, client };
}

const token = (t: string): InferenceEvent => ({ type: "token", t, i: 0 });
const BIG = token("x".repeat(256 * 1024));

/** What the kernel still takes, it takes at once. */
const STUCK_AFTER_MS = 200;

/** Sends to a client that does not read, until the sink asks to wait and the wait lasts. */
async function fill(sink: ResponseSink): Promise<{ waiting: Promise<void> }> {
  for (;;) {
    const waiting = sink.send(BIG);
    const stuck = new Promise<"stuck">((resolve) => setTimeout(resolve, STUCK_AFTER_MS, "stuck"));
    if (waiting !== undefined && (await Promise.race([waiting, stuck])) === "stuck") return { waiting };
  }
}

test("the headers are sent before the first event", async () => {
  const { response, client } = await openResponse();
  const sink = new ResponseSink(response, ORCD_ENCODER);
  await client.waitForText(/content-type: text\/event-stream; charset=utf-8\r\n(.*\r\n)*\r\n/);
  void sink.send({ type: "error", code: "CANCELLED", message: "m", retriable: false });
  await client.closed;
});

test("each event is sent immediately, and the terminal one ends the response", async () => {
  const { response, client } = await openResponse();
  const sink = new ResponseSink(response, ORCD_ENCODER);
  expect(sink.send(token("a"))).toBeUndefined();
  await client.waitForText(/"t":"a"/);
  expect(sink.send({ type: "error", code: "CANCELLED", message: "m", retriable: false })).toBeUndefined();
  await client.closed;
  expect(client.text).toMatch(/event: error\ndata: .*\n\n\r\n0\r\n\r\n$/);
});

test("with a client that does not read, the sink applies back-pressure with little more than one event in memory", async () => {
  const { response, client } = await openResponse();
  client.socket.pause();
  const sink = new ResponseSink(response, ORCD_ENCODER);
  const { waiting } = await fill(sink);
  expect(response.writableLength).toBeLessThan(2 * 256 * 1024 + 64 * 1024);
  client.socket.resume();
  await waiting;
  expect(response.writableLength).toBeLessThan(64 * 1024);
});

test("the wait ends when the client goes away, and anything sent after that is dropped", async () => {
  const { response, client } = await openResponse();
  client.socket.pause();
  const sink = new ResponseSink(response, ORCD_ENCODER);
  const { waiting } = await fill(sink);
  client.socket.destroy();
  await waiting;
  await waitFor("the response to be closed", () => response.destroyed);
  expect(sink.send(BIG)).toBeUndefined();
  expect(sink.send({ type: "error", code: "CANCELLED", message: "m", retriable: false })).toBeUndefined();
});
