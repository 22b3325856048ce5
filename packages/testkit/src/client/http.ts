import type { Dispatcher } from "undici";
import {
  ConnectFailedError,
  InvalidOptionError,
  InvalidResponseError,
  StreamError,
  type TestkitError,
} from "../errors/index.js";
import { createPool, type PooledRequest } from "./unbounded-pool.js";
import { HeaderLimit } from "./header-limit.js";
import type { LoadingHint } from "./loading-hint.js";
import { DedicatedConnection } from "./dedicated-connection.js";
import { reportStart, type TimedDispatch } from "./request-start.js";

/** Loads the HTTP library before the first request. That takes about 80 ms, during which a worker can start. */
export function preloadHttp(): void {
  void import("undici");
}

/** In undici, 0 disables a time-out. */
function finiteOrOff(limitMs: number): number {
  return limitMs === Infinity ? 0 : limitMs;
}

/** One HTTP request to a worker. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE" | "HEAD";
  /** As shown in errors. */
  readonly url: string;
  /** The actual URL, if it must not be shown. @default `url` */
  readonly target?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Uint8Array | undefined;
  /** Time-out for the response headers, in ms. */
  readonly headersMs: number;
  readonly signal: AbortSignal;
  /** Uses a new connection that is closed after the answer, instead of one from the pool. */
  readonly dedicatedConnection: boolean;
}

/** Status, headers and the unread body. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Dispatcher.ResponseData["body"];
  /** When the first byte of the request was written to the socket, on the clock of `performance.now()`. */
  readonly writtenAtMs: number | undefined;
  /** If one was requested. */
  readonly dedicatedConnection?: DedicatedConnection | undefined;
}

export interface ConnectionPoolOptions {
  /** `http://host:port` of the worker. */
  readonly origin: string;
  /** Connect time-out, in ms. */
  readonly connectMs: number;
  /** Last log lines of the worker, for error messages. */
  readonly logTail: () => readonly string[];
  readonly loading?: LoadingHint | undefined;
}

/**
 * The connections to one worker. Their number is unlimited: every open stream has its own connection, so that jobs
 * queue in the worker and never in the client.
 */
export class ConnectionPool {
  readonly #options: ConnectionPoolOptions;
  readonly #dedicatedConnections = new Set<DedicatedConnection>();
  #pool: Promise<Dispatcher> | undefined;

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
  }

  /**
   * Sends a request and waits for the response headers; redirects are not followed.
   *
   * @throws {CONNECT_FAILED} no connection, or it broke before the headers arrived.
   * @throws {INVALID_RESPONSE} the answer is not HTTP, or its headers are too large.
   * @throws {LIMIT_CONNECT} @throws {LIMIT_HEADERS} @throws {STREAM_ABORTED}
   */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    const dedicatedConnection = request.dedicatedConnection ? await this.#openDedicated() : undefined;
    const dispatcher = dedicatedConnection?.dispatcher ?? (await this.#connect());
    const limit = new HeaderLimit(request.headersMs);
    try {
      const pooled = new PendingRequest(request.signal);
      const answer = await dispatcher.request({ ...toDispatch(request, limit), opaque: pooled });
      pooled.body = answer.body;
      // A body that no one reads must not crash the process when its connection breaks.
      answer.body.on("error", () => undefined);
      if (dedicatedConnection !== undefined)
        answer.body.once("close", () => void this.#closeDedicated(dedicatedConnection));
      const { statusCode: status, headers, body } = answer;
      return { status, headers: flatten(headers), body, writtenAtMs: limit.startedAtMs, dedicatedConnection };
    } catch (cause) {
      if (dedicatedConnection !== undefined) await this.#closeDedicated(dedicatedConnection);
      throw this.#explain(request, cause);
    } finally {
      limit.stop();
    }
  }

  /** Closes every connection, even while it is being read. Idempotent. */
  async destroy(): Promise<void> {
    const pool = await this.#pool;
    await Promise.all([pool?.destroy(), ...[...this.#dedicatedConnections].map((own) => this.#closeDedicated(own))]);
  }

  async #openDedicated(): Promise<DedicatedConnection> {
    const own = new DedicatedConnection(await import("undici"), finiteOrOff(this.#options.connectMs));
    this.#dedicatedConnections.add(own);
    return own;
  }

  async #closeDedicated(own: DedicatedConnection): Promise<void> {
    this.#dedicatedConnections.delete(own);
    await own.destroy();
  }

  #connect(): Promise<Dispatcher> {
    const { origin, connectMs } = this.#options;
    this.#pool ??= import("undici").then((undici) =>
      createPool(undici, { origin, connectMs: finiteOrOff(connectMs) }).compose(reportStart),
    );
    return this.#pool;
  }

  #explain({ method, url, headersMs, signal }: HttpRequest, failure: unknown): TestkitError {
    const cause = findSystemError(failure);
    const code = (cause as { code?: string }).code ?? (cause as Error).name;
    const logTail = this.#options.logTail();
    const details = { request: `${method} ${url}`, cause: code };
    if (signal.aborted) {
      return new StreamError("STREAM_ABORTED", {
        message: `${method} ${url} was aborted before an answer arrived`,
        details,
        cause,
      });
    }
    if (code === "UND_ERR_CONNECT_TIMEOUT") {
      const message = `no connection to ${url} within ${this.#options.connectMs} ms`;
      return new StreamError("LIMIT_CONNECT", { message, details, logTail, cause });
    }
    if (code === "HEADERS_LATE") {
      const message = `no response headers from ${url} within ${headersMs} ms`;
      return new StreamError("LIMIT_HEADERS", { message, hint: this.#options.loading?.text, details, logTail, cause });
    }
    if (code === "UND_ERR_HEADERS_OVERFLOW") {
      const message = `the headers of the answer to ${method} ${url} are too large`;
      return new InvalidResponseError({ message, details, logTail, cause });
    }
    if (isNoHttp(cause)) {
      const message = `the answer to ${method} ${url} is not HTTP: ${describe(cause)}`;
      return new InvalidResponseError({ message, details, logTail, cause });
    }
    const message = `${method} ${url} failed: ${describe(cause)}`;
    if (code === "UND_ERR_INVALID_ARG") return new InvalidOptionError({ message, details, cause });
    return new ConnectFailedError({ message, hint: this.#options.loading?.text, details, logTail, cause });
  }
}

/** The system error is more specific than the error that wraps it. */
function findSystemError(failure: unknown): unknown {
  const { cause } = failure as { cause?: unknown };
  return (cause as { syscall?: string } | undefined)?.syscall === undefined ? failure : cause;
}

/** A request that is over once it was aborted or the reader of its body has left. */
class PendingRequest implements PooledRequest {
  readonly #signal: AbortSignal;
  body: HttpAnswer["body"] | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  isOver(): boolean {
    return this.#signal.aborted || this.body?.destroyed === true;
  }
}

function toDispatch(request: HttpRequest, requestStart: HeaderLimit): TimedDispatch {
  const { origin, pathname, search } = new URL(request.target ?? request.url);
  return {
    origin,
    path: `${pathname}${search}`,
    method: request.method,
    headers: { "accept-encoding": "identity", ...request.headers },
    body: request.body ?? null,
    headersTimeout: 0, // see HeaderLimit
    bodyTimeout: 0, // the stream's own limits are finer
    signal: request.signal,
    requestStart,
  };
}

/** An error of the HTTP parser. undici's class is not loaded yet when this module is. */
function isNoHttp(cause: unknown): boolean {
  const { name, code = "" } = cause as { name?: string; code?: string };
  return name === "HTTPParserError" || code.startsWith("HPE_");
}

function flatten(headers: Dispatcher.ResponseData["headers"]): Record<string, string> {
  const entries = Object.entries(headers).filter(
    (entry): entry is [string, string | string[]] => entry[1] !== undefined,
  );
  return Object.fromEntries(entries.map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]));
}

function describe(cause: unknown): string {
  const { code, message } = cause as { code?: string; message?: string };
  if (code === "ECONNREFUSED") return "connection refused: nothing listens there";
  return [message ?? String(cause), ...(code === undefined ? [] : [`(${code})`])].join(" ");
}
