import { createServer, type AddressInfo, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { WorkerClient, type WorkerClientOptions } from "../../src/client/index.js";
import { isTestkitError, type TestkitError } from "../../src/errors/index.js";

const MOST_SENT_BYTES = 96 * 1024 * 1024;

export interface HostileServer {
  readonly url: string;
  /** Sockets whose client has gone. */
  readonly leftCount: () => number;
  readonly sentBytes: () => number;
}

/** A server that answers each connection with raw bytes, once the first bytes of a request are there. */
export async function serveRaw(answer: (socket: Socket) => void): Promise<HostileServer> {
  const sockets = new Set<Socket>();
  let leftCount = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => (leftCount += 1));
    socket.once("data", () => answer(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const sentBytes = () => [...sockets].reduce((sum, socket) => sum + socket.bytesWritten, 0);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, leftCount: () => leftCount, sentBytes };
}

/** Writes a block again and again as fast as it is taken, up to a bound that only a client without a limit of its own reaches. */
export function flood(socket: Socket, block: string): void {
  const go = (): void => {
    while (!socket.destroyed && socket.bytesWritten + socket.writableLength < MOST_SENT_BYTES) {
      if (!socket.write(block)) return;
    }
    socket.end();
  };
  socket.on("drain", go);
  go();
}

/** Status line and headers, after which an endless body in chunks follows. */
export function floodBody(status: string, contentType = "application/json"): (socket: Socket) => void {
  const chunk = `8000\r\n${"[".repeat(0x8000)}\r\n`;
  return (socket) => {
    socket.write(`HTTP/1.1 ${status}\r\ncontent-type: ${contentType}\r\ntransfer-encoding: chunked\r\n\r\n`);
    flood(socket, chunk);
  };
}

export function connect(baseUrl: string, options: Partial<WorkerClientOptions> = {}): WorkerClient {
  const client = new WorkerClient({ baseUrl, ...options });
  onTestFinished(() => client.close());
  return client;
}

/** What a call fails with. */
export async function failure(call: Promise<unknown>): Promise<TestkitError> {
  const error: unknown = await call.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!isTestkitError(error)) throw new Error(`expected a TestkitError, got ${String(error)}`);
  return error;
}
