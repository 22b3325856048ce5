import { createServer } from "node:http";
import type { Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import type { CheckContext } from "../../../src/conformance/context.js";
import { stallConnection } from "../../../src/conformance/observe/stalled-connection.js";
import { answerWith, serveRaw } from "../target/raw-servers.js";

/** The part of a context that is used. */
type Served = Awaited<ReturnType<typeof serveRaw>>;
const contextOf = ({ target, signal }: Pick<Served, "target" | "signal">, probes: object): CheckContext =>
  ({ target, signal, server: { probes } }) as unknown as CheckContext;

const NOTHING_ELSE = { noMetrics: "no", noModels: "no" };

/** Answers the first requests, one on each connection, and hands the connection of the stall over. */
function serveThenStall(sizes: Readonly<Record<string, number>>, onStall: (socket: Socket, first: string) => void) {
  return serveRaw((socket) => {
    socket.once("data", (bytes) => {
      const text = bytes.toString("latin1");
      const isQuestion = text.split("HTTP/1.1").length === 2;
      if (!isQuestion) {
        onStall(socket, text);
        return;
      }
      const path = text.split(" ")[1] ?? "/";
      socket.end(answerWith("x".repeat(sizes[path] ?? 10), "connection: close\r\n"));
    });
  });
}

test("a server that stops reading while its answers are not taken is stalled", async () => {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    response.end("x".repeat(64 * 1024));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const served = await serveRaw((socket) => socket.destroy());
  const target = served.target.at(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => void server.close(), 1);
  const stalled = await stallConnection(contextOf({ target, signal: served.signal }, NOTHING_ELSE));
  expect(stalled.isStalled).toBe(true);
  const before = asked;
  stalled.close();
  expect(before).toBeGreaterThan(1);
  await vi.waitFor(async () => {
    const count = await new Promise<number>((resolve) => server.getConnections((_error, open) => resolve(open)));
    expect(count).toBeLessThanOrEqual(1); // that of the question about the size
  });
});

test("the connection is filled with the largest of the known answers", async () => {
  let path: string | undefined;
  const probes = { noMetrics: undefined, noModels: undefined };
  const served = await serveThenStall({ "/metrics": 9_000, "/v1/models": 3_000 }, (socket, first) => {
    path = first.split(" ")[1];
    socket.destroy();
  });
  expect((await stallConnection(contextOf(served, probes))).isStalled).toBe(false);
  expect(path).toBe("/metrics");
});

test("paths that the server does not have are left out", async () => {
  let path: string | undefined;
  const served = await serveThenStall({ "/metrics": 9_000 }, (socket, first) => {
    path = first.split(" ")[1];
    socket.destroy();
  });
  await stallConnection(contextOf(served, NOTHING_ELSE));
  expect(path).toBe("/");
});

test("a server that takes every request and answers none is not stalled, and gets at most 10 MiB", async () => {
  let bytes = 0;
  let requests = 0;
  const served = await serveThenStall({ "/": 100 }, (socket, first) => {
    const take = (text: string): void => {
      bytes += text.length;
      requests += text.split("HTTP/1.1").length - 1;
    };
    take(first);
    socket.on("data", (part: Buffer) => take(part.toString("latin1")));
  });
  const stalled = await stallConnection(contextOf(served, NOTHING_ELSE));
  expect(stalled.isStalled).toBe(false);
  stalled.close();
  expect(requests).toBeGreaterThan(10_000);
  expect(requests).toBeLessThanOrEqual(22_000);
  expect(bytes).toBeLessThanOrEqual(10 * 1024 * 1024);
});

test("a server that closes the connection, or resets it, is not stalled", async () => {
  for (const leave of [(socket: Socket) => socket.end(), (socket: Socket) => socket.resetAndDestroy()]) {
    const served = await serveThenStall({}, (socket) => leave(socket));
    expect((await stallConnection(contextOf(served, NOTHING_ELSE))).isStalled).toBe(false);
  }
});

test("the end of the check ends the wait for a server that takes nothing", async () => {
  const over = new AbortController();
  const served = await serveThenStall({ "/": 5 }, (socket) => {
    socket.pause();
    over.abort(new Error("the budget is used up"));
  });
  const stalling = stallConnection(contextOf({ ...served, signal: over.signal }, NOTHING_ELSE));
  await expect(stalling).rejects.toThrow();
});
