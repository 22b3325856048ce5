import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { CORRELATION_ID_HEADER, WorkerError } from "inference-worker-protocol";
import { answerError, correlate } from "./answers.js";
import { Connections } from "./connections.js";
import { skipRestOfBody } from "./read-body.js";
import { route } from "./routes.js";
import type { WorkerState } from "./worker-state.js";

/** Longer than clients keep idle connections, so that the worker never closes one just as a request arrives on it. */
const KEEP_ALIVE_MS = 75_000;

/** The HTTP side of a worker; it does not listen yet. */
export class HttpServer {
  readonly #server: Server;
  readonly #connections = new Connections();

  constructor(state: WorkerState) {
    this.#server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true }, (request, response) => {
      this.#connections.addAnswer(request.socket, response);
      void answer(request, response, state);
    });
    this.#server.on("connection", (connection) => this.#connections.add(connection));
    this.#server.on("clientError", (error: NodeJS.ErrnoException, connection) => {
      // In the middle of a stream a second answer would be taken for a part of it.
      if (connection.writable && !this.#connections.hasAnswer(connection)) refuseConnection(connection, error);
      else connection.destroy();
    });
  }

  /**
   * Starts listening and resolves with the bound port.
   *
   * @throws {WorkerError} PORT_IN_USE, or ADDRESS_UNAVAILABLE when the address cannot be bound for another reason.
   */
  async listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      // Stays for good: after the start it takes the failures of `accept`, which must not end the worker.
      this.#server.on("error", (cause: NodeJS.ErrnoException) => {
        const inUse = cause.code === "EADDRINUSE";
        const message = inUse
          ? `port ${port} on ${host} is in use`
          : `cannot listen on ${host}:${port}: ${cause.message}`;
        reject(new WorkerError(inUse ? "PORT_IN_USE" : "ADDRESS_UNAVAILABLE", message, { cause }));
      });
      this.#server.listen({ host, port }, () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  /** Descriptor of the listening socket, where the system has such a thing. */
  get descriptor(): number | undefined {
    const { _handle: handle } = this.#server as Server & { readonly _handle?: { readonly fd?: number } | null };
    return handle?.fd;
  }

  /** Takes no more connections, and resolves when the answers under way are out and every connection is closed. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#connections.close();
    await closed;
  }
}

/** Answers what never became a request, and closes the connection. */
function refuseConnection(connection: Duplex, cause: NodeJS.ErrnoException): void {
  const late = cause.code === "ERR_HTTP_REQUEST_TIMEOUT";
  const message = late ? "the request did not arrive in time" : "the request is not valid HTTP";
  const body = JSON.stringify(new WorkerError("INVALID_REQUEST", message).toBody());
  const head = [
    "HTTP/1.1 400 Bad Request",
    "content-type: application/json; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
    `${CORRELATION_ID_HEADER}: ${randomUUID()}`,
    "connection: close",
  ];
  connection.end([...head, "", body].join("\r\n"), () => connection.destroy());
}

async function answer(request: IncomingMessage, response: ServerResponse, state: WorkerState): Promise<void> {
  const correlationId = correlate(request, response);
  try {
    await route({ request, response, correlationId, state });
  } catch (error) {
    const expected = !(error instanceof Error) || error.name === "WorkerError" || error.name === "InvalidRequestError";
    const gone = response.destroyed || request.errored !== null;
    if (!expected && !gone) {
      state.logger.warn("request_failed", { correlation_id: correlationId, message: error.message });
    }
    if (response.headersSent || gone) return;
    const skipped = skipRestOfBody(request);
    if (!response.shouldKeepAlive) await skipped;
    answerError(response, error);
  }
}
