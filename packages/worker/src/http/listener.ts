import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { CORRELATION_ID_HEADER, WorkerError, type WorkerErrorCode } from "inference-worker-protocol";
import { AccessRules } from "./access-rules.js";
import { answerError, correlate } from "./answers.js";
import { Connections } from "./connections.js";
import { shareWithOrigin } from "./cross-origin.js";
import { skipRestOfBody } from "./read-body.js";

/** Time-outs for what a client sends. A response may take any time. */
export interface ListenerTimeouts {
  /** From the connection, or the first byte of a later request, to the end of the headers. */
  readonly headersMs: number;
  /** The same to the end of the body. */
  readonly requestMs: number;
  /** Between a response and the next request. */
  readonly idleMs: number;
  /** How often the first two are checked; a connection lives up to this much longer. */
  readonly checkMs: number;
}

export const LISTENER_TIMEOUTS: ListenerTimeouts = {
  headersMs: 10_000,
  requestMs: 15_000,
  // Longer than clients keep idle connections, so that the worker never closes one just as a request arrives on it.
  idleMs: 75_000,
  checkMs: 1_000,
};

/** How requests are parsed, where it is not Node's own way. */
export type ParserOptions = Pick<ServerOptions, "insecureHTTPParser" | "maxHeaderSize">;

/** A request and its response. */
export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly correlationId: string;
}

export interface ListenerOptions {
  readonly access?: AccessRules | undefined;
  readonly timeouts?: ListenerTimeouts | undefined;
  readonly parser?: ParserOptions | undefined;
  /** Answers an allowed request; an error it throws becomes the response. */
  readonly handle: (call: Call) => Promise<void> | void;
  /** Answers a request that failed. @default with `{code, message, retriable}` */
  readonly answerError?: ((call: Call, error: unknown) => Promise<void> | void) | undefined;
  /** Called for an error that is not in the catalogue. */
  readonly onFailure?: ((error: Error, correlationId: string) => void) | undefined;
}

/** Common to all listeners of a worker: access rules, time-outs, and JSON for each refusal. It is not listening yet. */
export class Listener {
  readonly server: Server;
  readonly connections = new Connections();
  readonly #options: ListenerOptions;
  readonly #access: AccessRules;
  readonly #timeouts: ListenerTimeouts;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#access = options.access ?? new AccessRules();
    this.#timeouts = options.timeouts ?? LISTENER_TIMEOUTS;
    this.server = createServer({ ...toServerOptions(this.#timeouts), ...options.parser }, (request, response) => {
      this.connections.addAnswer(request.socket, response);
      void this.#answer(request, response);
    });
    this.server.on("connection", (connection) => this.connections.add(connection));
    this.server.on("clientError", (error, connection) => this.#refuse(error, connection));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const correlationId = correlate(request, response);
    const call = { request, response, correlationId };
    try {
      const origin = this.#access.check(request);
      if (origin !== undefined && shareWithOrigin(origin, request, response)) return;
      await this.#options.handle(call);
    } catch (error) {
      const gone = response.destroyed || request.errored !== null;
      if (!gone && isUnexpected(error)) this.#options.onFailure?.(error, correlationId);
      if (response.headersSent || gone) return;
      const skipped = skipRestOfBody(request);
      if (!response.shouldKeepAlive) await skipped;
      await (this.#options.answerError ?? answerErrorOf)(call, error);
    }
  }

  /** Called for an invalid request, or one that did not arrive in time. */
  #refuse({ code }: NodeJS.ErrnoException, connection: Duplex): void {
    if (code === "ERR_HTTP_REQUEST_TIMEOUT") this.#readOnceMore(connection);
    else if (!connection.writable || this.connections.hasAnswer(connection)) connection.destroy();
    else refuseConnection(connection, "INVALID_REQUEST", "the request is not valid HTTP");
  }

  /**
   * After a pause of the whole process (SIGSTOP, a debugger), time-outs fire before data that has arrived in the meantime
   * is read.
   */
  #readOnceMore(connection: Duplex): void {
    const incomplete = this.connections.newestRequest(connection);
    const wasComplete = incomplete?.complete ?? true;
    setImmediate(() => {
      const newest = this.connections.newestRequest(connection);
      const hasArrived = newest?.complete === true && (newest !== incomplete || !wasComplete);
      if (!hasArrived) this.#refuseLate(connection);
    });
  }

  #refuseLate(connection: Duplex): void {
    if (this.connections.owesAnswer(connection)) {
      this.connections.closeWhenAnswered(connection);
    } else if (sentNothing(connection) || !connection.writable || this.connections.isRefusedBody(connection)) {
      connection.destroy(); // it sent no request, or has its response
    } else {
      const { headersMs, requestMs } = this.#timeouts;
      const message = `the request did not arrive in time: the headers within ${headersMs} ms, all of it within ${requestMs} ms`;
      refuseConnection(connection, "REQUEST_TIMEOUT", message);
    }
  }
}

function answerErrorOf({ response }: Call, error: unknown): void {
  answerError(response, error);
}

function sentNothing(connection: Duplex): boolean {
  return connection instanceof Socket && connection.bytesRead === 0;
}

function toServerOptions({ headersMs, requestMs, idleMs, checkMs }: ListenerTimeouts) {
  return {
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    keepAliveTimeout: idleMs,
    connectionsCheckingInterval: checkMs,
    noDelay: true,
    requireHostHeader: false, // the access rules answer that with JSON
  };
}

function isUnexpected(error: unknown): error is Error {
  return error instanceof Error && error.name !== "WorkerError" && error.name !== "InvalidRequestError";
}

/** Responds without a request and closes the connection. */
function refuseConnection(connection: Duplex, code: WorkerErrorCode, message: string): void {
  const error = new WorkerError(code, message);
  const body = JSON.stringify(error.toBody());
  const head = [
    `HTTP/1.1 ${error.info.status} ${code === "REQUEST_TIMEOUT" ? "Request Timeout" : "Bad Request"}`,
    "content-type: application/json; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
    `${CORRELATION_ID_HEADER}: ${randomUUID()}`,
    "connection: close",
  ];
  connection.end([...head, "", body].join("\r\n"), () => connection.destroy());
}
