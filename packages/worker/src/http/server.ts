import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { WorkerError } from "inference-worker-protocol";
import { answerError, correlate } from "./answers.js";
import { route } from "./routes.js";
import type { WorkerState } from "./worker-state.js";

/** Longer than clients keep idle connections, so that the worker never closes one just as a request arrives on it. */
const KEEP_ALIVE_MS = 75_000;

/** Creates the HTTP server of a worker; it does not listen yet. */
export function createHttpServer(state: WorkerState): Server {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true }, (request, response) => {
    void answer(request, response, state);
  });
  server.on("clientError", (_error, socket) => {
    if (!socket.writable) return;
    const body = JSON.stringify(new WorkerError("INVALID_REQUEST", "the request is not valid HTTP").toBody());
    const head = ["HTTP/1.1 400 Bad Request", "content-type: application/json", `content-length: ${body.length}`];
    socket.end([...head, "connection: close", "", body].join("\r\n"));
  });
  return server;
}

async function answer(request: IncomingMessage, response: ServerResponse, state: WorkerState): Promise<void> {
  const correlationId = correlate(request, response);
  try {
    await route({ request, response, correlationId, state });
  } catch (error) {
    const expected = !(error instanceof Error) || error.name === "WorkerError" || error.name === "InvalidRequestError";
    if (!expected) state.logger.warn("request_failed", { correlation_id: correlationId, message: error.message });
    if (!response.headersSent && !response.destroyed) answerError(response, error);
  }
}

/**
 * Starts listening and resolves with the bound port.
 *
 * @throws {WorkerError} PORT_IN_USE, or INTERNAL when the address cannot be bound for another reason.
 */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const inUse = cause.code === "EADDRINUSE";
      const message = inUse
        ? `port ${port} on ${host} is in use`
        : `cannot listen on ${host}:${port}: ${cause.message}`;
      reject(new WorkerError(inUse ? "PORT_IN_USE" : "INTERNAL", message, { cause }));
    });
    server.listen({ host, port }, () => resolve((server.address() as AddressInfo).port));
  });
}
