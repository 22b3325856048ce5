import {
  parseCancelAnswer,
  parseHealth,
  parseSlots,
  stringifyJson,
  type CancelAnswer,
  type ExecuteRequest,
  type Health,
  type Slots,
} from "inference-worker-protocol";
import {
  checkFilledText,
  checkOption,
  checkSignal,
  checkTimeout,
  HttpFailedError,
  InvalidOptionError,
  InvalidResponseError,
} from "../errors/index.js";
import { resolveStreamLimits, type ResolvedStreamLimits, type StreamLimits } from "../events/index.js";
import type { CallOptions } from "./call-options.js";
import { ExecuteResponse, parseJsonBody } from "./execute-response.js";
import { ConnectionPool, type HttpAnswer, type HttpRequest } from "./http.js";
import type { MetricsSnapshot } from "./metrics.js";
import { parseMetrics } from "./metrics.js";
import { MOST_BODY_BYTES, MOST_REFUSAL_BYTES, readStart, readText } from "./read-body.js";
import { joinWatches, type StreamWatch, type StreamWatcher, type WatchedRequest } from "./stream-watch.js";

const PROTOCOL_HINT = "See docs/wire-protocol.md for what a worker answers. Is this the address of a worker?";
const SLOTS_HINT =
  "waitForIdle() needs `slots.busy` and `slots.queued` in the answer of `/health`, and nothing else of it: let the worker report them.";

/** Limits and headers for `execute()`. */
export interface ExecuteOptions extends CallOptions {
  /** Limits for the response headers and for reading the stream; they go before those of the worker. */
  readonly timeouts?: StreamLimits | undefined;
  /** Further request headers, e.g. `x-correlation-id`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Uses a new connection for this request alone, so that `response.disconnect()` can cut it. @default false */
  readonly ownConnection?: boolean | undefined;
}

/** Any other request to the worker. */
export interface RawRequest extends ExecuteOptions {
  /** @default "GET" */
  readonly method?: HttpRequest["method"] | undefined;
  /** Sent as it is. */
  readonly body?: string | Uint8Array | undefined;
}

/** What a request for `execute()` may look like: a typed one, or anything that JSON can carry, to test refusals. */
export type ExecuteBody = ExecuteRequest | Readonly<Record<string, unknown>>;

export interface WorkerClientOptions {
  /** `http://host:port`, without a path. */
  readonly baseUrl: string;
  readonly limits?: StreamLimits | undefined;
  /** Last log lines of the worker, for error messages. */
  readonly logTail?: (() => readonly string[]) | undefined;
  /** Called for each request: gives back how to ask, once its stream has broken, for the end of the process it was sent to. */
  readonly watchExit?: (() => () => Promise<string | undefined>) | undefined;
  /** Looks on at requests; more can be added with `addWatcher()`. */
  readonly watcher?: StreamWatcher | undefined;
}

/** HTTP calls to one worker, each with a time-out. */
export class WorkerClient {
  readonly baseUrl: string;
  readonly #givenLimits: StreamLimits;
  readonly #limits: ResolvedStreamLimits;
  readonly #pool: ConnectionPool;
  readonly #logTail: () => readonly string[];
  readonly #watchExit: WorkerClientOptions["watchExit"];
  readonly #watchers = new Set<StreamWatcher>();
  readonly #cancel = (jobId: string, options?: CallOptions): Promise<CancelAnswer> => this.cancel(jobId, options);

  constructor(options: WorkerClientOptions) {
    this.baseUrl = validateBaseUrl(options.baseUrl);
    this.#givenLimits = options.limits ?? {};
    this.#limits = resolveStreamLimits(options.limits);
    this.#logTail = options.logTail ?? (() => []);
    this.#watchExit = options.watchExit;
    if (options.watcher !== undefined) this.#watchers.add(options.watcher);
    this.#pool = new ConnectionPool({
      origin: this.baseUrl,
      connectMs: this.#limits.connectMs,
      logTail: this.#logTail,
    });
  }

  /**
   * `POST /execute`. Resolves for every HTTP answer; the status is part of the response.
   *
   * @throws {CONNECT_FAILED} @throws {LIMIT_CONNECT} @throws {LIMIT_HEADERS} @throws {STREAM_ABORTED}
   * @example const events = await collectSseEvents(await client.execute(makeTestRequest("job-1", "Hello", 10)));
   */
  async execute(request: ExecuteBody, options: ExecuteOptions = {}): Promise<ExecuteResponse> {
    const headers = { "content-type": "application/json", accept: "text/event-stream", ...options.headers };
    const jobId = typeof request.job_id === "string" ? request.job_id : undefined;
    const call: RawRequest = { ...options, method: "POST", headers, body: stringifyJson(request) };
    const { answer, facts } = await this.#send("/execute", call, jobId);
    return new ExecuteResponse(answer, { ...facts, jobId });
  }

  /** Any request, any answer: for what has no method of its own. Resolves for every status. */
  async request(path: string, options: RawRequest = {}): Promise<ExecuteResponse> {
    const { answer, facts } = await this.#send(path, options);
    return new ExecuteResponse(answer, { ...facts, jobId: undefined });
  }

  /**
   * `GET /health`; also an unhealthy worker's answer (status 503) is returned.
   *
   * @throws {HTTP_FAILED} a status other than 200 and 503. @throws {INVALID_RESPONSE} an answer that is no health.
   */
  async health(options: CallOptions = {}): Promise<Health> {
    const { text, url } = await this.#call("/health", { ...options, accepts: [200, 503] });
    return this.#parse(() => parseHealth(parseJsonBody(text, url)), { url, text });
  }

  /**
   * The `slots` of `GET /health`, whatever else its answer has or lacks; also of an unhealthy worker.
   *
   * @throws {HTTP_FAILED} a status other than 200 and 503. @throws {INVALID_RESPONSE} an answer without them.
   */
  async slots(options: CallOptions = {}): Promise<Slots> {
    const { text, url } = await this.#call("/health", { ...options, accepts: [200, 503] });
    return this.#parse(() => parseSlots(parseJsonBody(text, url)), { url, text, hint: SLOTS_HINT });
  }

  /** `POST /cancel/{jobId}`; idempotent. @throws {HTTP_FAILED} @throws {INVALID_RESPONSE} @throws {INVALID_OPTION} */
  async cancel(jobId: string, options: CallOptions = {}): Promise<CancelAnswer> {
    checkFilledText("jobId", jobId);
    checkOption(jobId.isWellFormed(), "jobId", { wanted: "text without lone surrogates", value: jobId });
    const { text, url } = await this.#call(...cancelRequest(jobId, options));
    return this.#parse(() => parseCancelAnswer(parseJsonBody(text, url)), { url, text });
  }

  /** `GET /metrics`. @throws {HTTP_FAILED} @throws {INVALID_RESPONSE} */
  async metrics(options: CallOptions = {}): Promise<MetricsSnapshot> {
    return parseMetrics((await this.#call("/metrics", { ...options, accepts: [200] })).text);
  }

  /** `POST /shutdown`: the worker ends by itself as after SIGTERM. @throws {HTTP_FAILED} */
  async shutdown(options: CallOptions = {}): Promise<void> {
    await this.#call("/shutdown", { ...options, method: "POST", accepts: [202] });
  }

  /**
   * Looks on at the requests from now on, beside whoever does already; what it gives back ends that. Costs nothing as long as nobody
   * looks on.
   */
  addWatcher(watcher: StreamWatcher): () => void {
    const own: StreamWatcher = (request) => watcher(request); // two registrations of one function stay two
    this.#watchers.add(own);
    return () => void this.#watchers.delete(own);
  }

  /** Ends every connection, also those that are being read. Idempotent. */
  close(): Promise<void> {
    return this.#pool.destroy();
  }

  async #send(path: string, options: RawRequest, jobId?: string) {
    validateCall(path, options);
    const controller = new AbortController();
    const url = `${this.baseUrl}${path}`;
    const signal =
      options.signal === undefined ? controller.signal : AbortSignal.any([controller.signal, options.signal]);
    const sentAtMs = performance.now();
    const { method = "GET", headers, body } = options;
    const limits = { ...this.#givenLimits, ...options.timeouts };
    const resolved = resolveStreamLimits(limits);
    const headersMs = options.timeoutMs ?? resolved.headersMs;
    const bodyMs = options.timeoutMs ?? resolved.totalMs;
    const { ownConnection = false } = options;
    const watch = this.#watch({ method, path, jobId, headers: headers ?? {}, body });
    const findExit = this.#watchExit?.();
    const request = { method, url, headers, body, headersMs, signal, ownConnection };
    const answer = await this.#sendWatched(request, watch);
    const abort = (reason?: unknown) => {
      controller.abort(reason);
    };
    const [cancel, logTail] = [this.#cancel, this.#logTail];
    const facts = { url, sentAtMs, limits, bodyMs, abort, cancel, logTail, findExit, watch };
    return { answer, facts };
  }

  async #sendWatched(request: HttpRequest, watch: StreamWatch | undefined): Promise<HttpAnswer> {
    try {
      const answer = await this.#pool.send(request);
      watch?.onHeaders(answer.status, answer.headers);
      return answer;
    } catch (error) {
      watch?.onFailed(error);
      throw error;
    }
  }

  #watch(request: WatchedRequest): StreamWatch | undefined {
    if (this.#watchers.size === 0) return undefined;
    return joinWatches([...this.#watchers].map((watcher) => watcher(request)));
  }

  async #call(
    path: string,
    options: RawRequest & { accepts: readonly number[] },
  ): Promise<{ text: string; url: string }> {
    const timeoutMs = options.timeoutMs ?? this.#limits.headersMs;
    const { answer, facts } = await this.#send(path, { ...options, timeoutMs });
    const { url, watch } = facts;
    const reading = { url, bodyMs: timeoutMs, maxBytes: MOST_BODY_BYTES, watch };
    if (options.accepts.includes(answer.status)) return { text: await readText(answer, reading), url };
    const { text } = await readStart(answer, { ...reading, maxBytes: MOST_REFUSAL_BYTES });
    throw this.#httpFailed(answer.status, url, text);
  }

  #httpFailed(status: number, url: string, text: string): HttpFailedError {
    const message = `${url} answered ${status}: ${text.slice(0, 500)}`;
    return new HttpFailedError({ message, details: { status, url }, logTail: this.#logTail() });
  }

  #parse<T>(parse: () => T, { url, text, hint = PROTOCOL_HINT }: { url: string; text: string; hint?: string }): T {
    try {
      return parse();
    } catch (cause) {
      if (cause instanceof InvalidResponseError) throw cause;
      const message = `the answer of ${url} breaks the protocol: ${(cause as Error).message}`;
      throw new InvalidResponseError({ message, hint, details: { body: text.slice(0, 500) } });
    }
  }
}

/** Some ids cannot stand in a path, because `.` and `..` are resolved before the request is sent: they go in the body. */
function cancelRequest(jobId: string, options: CallOptions): [string, RawRequest & { accepts: readonly number[] }] {
  const common = { ...options, method: "POST", accepts: [202] } as const;
  if (!/^\.{1,2}$/.test(jobId)) return [`/cancel/${encodeURIComponent(jobId)}`, common];
  const headers = { "content-type": "application/json" };
  return ["/cancel", { ...common, headers, body: stringifyJson({ job_id: jobId }) }];
}

function validateCall(path: string, options: CallOptions): void {
  checkOption(path.startsWith("/"), "path", { wanted: "a path that begins with /", value: path });
  if (options.timeoutMs !== undefined) checkTimeout("timeoutMs", options.timeoutMs);
  checkSignal("signal", options.signal);
}

function validateBaseUrl(baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.pathname === "/" && url.search === "")
    return url.origin;
  throw new InvalidOptionError({ message: `Expected \`url\` to be like http://127.0.0.1:8080, got \`${baseUrl}\`` });
}
