import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { connect, createServer as createTcpServer, type AddressInfo, type Server, type Socket } from "node:net";

export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Connections that were ever accepted. */
  readonly connectionCount: () => number;
}

const HEALTH = '{"worker_id":"test-server"}';

/** A worker of a few lines: `/health` answers, everything else is for the listener. */
export function serveWorker(listener: (...args: Parameters<RequestListener>) => unknown): Promise<TestServer> {
  const server = createServer((request, response) => {
    if (request.url === "/health") response.end(HEALTH);
    else listener(request, response);
  });
  return listen(server);
}

/** The same with raw bytes: the listener gets the socket once a request has come. */
export function serveRawWorker(answer: (socket: Socket) => void): Promise<TestServer> {
  const server = createTcpServer((socket) => {
    socket.on("data", (bytes) => {
      const isHealth = bytes.toString("latin1").startsWith("GET /health");
      if (isHealth) socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${HEALTH.length}\r\n\r\n${HEALTH}`);
      else answer(socket);
    });
  });
  return listen(server);
}

async function listen(server: Server): Promise<TestServer> {
  const sockets = new Set<Socket>();
  let count = 0;
  server.on("connection", (socket: Socket) => {
    count += 1;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    connectionCount: () => count,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** What a client without any HTTP library sees. */
export interface RawAnswer {
  /** In the slices in which they came. */
  readonly slices: readonly string[];
  readonly text: string;
  readonly endedBy: "FIN" | "ECONNRESET";
}

/** Sends raw bytes and reads until the connection ends; `next` is sent when a chunked answer is whole. */
export async function askRaw(port: number, request: string, next?: string): Promise<RawAnswer> {
  const socket = connect({ port, host: "127.0.0.1" });
  const slices: string[] = [];
  let endedBy: RawAnswer["endedBy"] = "FIN";
  socket.on("data", (chunk: Buffer) => {
    slices.push(chunk.toString("latin1"));
    if (next !== undefined && slices.at(-1)!.endsWith("0\r\n\r\n")) socket.write(next, "latin1");
  });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "ECONNRESET" && error.code !== "EPIPE") throw error;
    endedBy = "ECONNRESET";
  });
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.write(request, "latin1");
  await closed;
  return { slices, text: slices.join(""), endedBy };
}

/** A request for a job as raw bytes, on a connection of its own. */
export function rawExecute(jobId: string, headers = "connection: close\r\n"): string {
  const body = JSON.stringify({ job_id: jobId, prompt: "Hello", max_tokens: 10 });
  return `POST /execute HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${headers}content-length: ${body.length}\r\n\r\n${body}`;
}

/** The body of a chunked answer. */
export function bodyOf(text: string): string {
  let rest = text.slice(text.indexOf("\r\n\r\n") + 4);
  let body = "";
  for (;;) {
    const size = /^([0-9a-f]+)\r\n/.exec(rest);
    if (size === null) return body;
    const start = size[0].length;
    const length = parseInt(size[1]!, 16);
    body += rest.slice(start, start + length);
    rest = rest.slice(start + length + 2);
  }
}

/** Something to wait for that happens in a callback. */
export function createGate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { passed, open };
}
