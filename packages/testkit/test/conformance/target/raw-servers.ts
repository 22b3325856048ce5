import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { CheckTarget } from "../../../src/conformance/target/check-target.js";
import { findDialect } from "../../../src/dialects/index.js";

const DIALECT = findDialect("openai-completions")!;

/** A server on loopback that does what a test writes, with a target for it. Everything ends with the test. */
export async function serveRaw(onConnection: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const over = new AbortController();
  const { port } = server.address() as AddressInfo;
  const target = new CheckTarget({
    facts: { url: `http://127.0.0.1:${port}`, dialect: DIALECT, model: "tiny" },
    signal: over.signal,
    name: "raw",
    silenceMs: 10_000,
  });
  onTestFinished(async () => {
    over.abort(new Error("the test is over"));
    await target.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { target, sockets, signal: over.signal };
}

/** A whole answer with a length. */
export const answerWith = (body: string, headers = ""): string =>
  `HTTP/1.1 200 OK\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
