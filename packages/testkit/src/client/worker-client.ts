import type { CancelAnswer, Health } from "inference-worker-protocol";
import {
  dropDefaultSeed,
  isExecute,
  type Dialect,
  type Endpoint,
  type ExecuteBody,
  type Slots,
} from "../dialects/index.js";
import { HttpFailedError, InvalidOptionError, InvalidResponseError, isTestkitError } from "../errors/index.js";
import { resolveStreamTimeouts, type ResolvedStreamTimeouts, type StreamTimeouts } from "../events/index.js";
import { checkOption, resolveOptions, text, type ResolvedOptionsOf } from "../options/index.js";
import { withoutHiddenValues } from "../terminal/index.js";
import { ExecuteResponse } from "./execute-response.js";
import { RefusalExplainer } from "./explain-refusal.js";
import { ConnectionPool, type HttpAnswer, type HttpRequest } from "./http.js";
import { parseMetrics, type MetricsSnapshot } from "./metrics.js";
import {
  CALL_OPTIONS,
  CLIENT_OPTIONS,
  EXECUTE_OPTIONS,
  type CallOptions,
  type ExecuteOptions,
  RAW_REQUEST,
  type RawRequest,
  type WorkerClientOptions,
} from "./options.js";
import { MOST_BODY_BYTES, MOST_REFUSAL_BYTES, readStart, readText } from "./read-body.js";
import { ModelChoice } from "./model-choice.js";
import { probeServer, QUESTION_TIMEOUT_MS, type ProbeReport } from "./probe-server.js";
import type { ServerHeaders } from "./server-headers.js";
import { joinWatches, type StreamWatch, type StreamWatcher, type WatchedRequest } from "./stream-watch.js";

const PROTOCOL_HINT = "See docs/wire-protocol.md for what a worker answers. Is this the address of a worker?";
/**
 * The protocol requires the content type on every POST. There is no body, because a simple server may not read it and reset the
 * connection.
 */
const POST_HEADERS = { "content-type": "application/json" };

type SentRequest = ResolvedOptionsOf<typeof RAW_REQUEST>;
/** A job before encoding. */
type Job = Pick<WatchedRequest, "jobId" | "request">;
const NO_JOB: Job = { jobId: undefined, request: undefined };

/** A call whose response is read as a whole. */
interface Call {
  readonly path: string;
  readonly method?: SentRequest["method"] | undefined;
  readonly body?: string | undefined;
  readonly accepts: readonly number[];
}

const SLOTS_HINT =
  "waitForIdle() needs the numbers of busy and queued jobs and nothing else: let the worker report them.";

/** HTTP calls to one worker, each with a time-out. */
export class WorkerClient {
  readonly baseUrl: string;
  /** The dialect of the worker. */
  readonly dialect: Dialect;
  /** What is sent with every request. */
  readonly headers: ServerHeaders;
  readonly #options: ResolvedOptionsOf<typeof CLIENT_OPTIONS>;
  readonly #timeouts: ResolvedStreamTimeouts;
  readonly #pool: ConnectionPool;
  readonly #models: ModelChoice;
  readonly #refusals: RefusalExplainer;
  readonly #watchers = new Set<StreamWatcher>();
  /** The first one of the endpoints for slots that the server may have. */
  #slotsAt = 0;
  readonly #cancel = (jobId: string, options?: CallOptions): Promise<CancelAnswer> => this.cancel(jobId, options);

  constructor(options: WorkerClientOptions) {
    const resolved = resolveOptions(CLIENT_OPTIONS, options);
    const { baseUrl, dialect, timeouts, logTail, loading, watcher } = resolved;
    this.#options = resolved;
    this.baseUrl = baseUrl;
    this.dialect = dialect;
    this.headers = resolved.headers;
    this.#timeouts = resolveStreamTimeouts(timeouts);
    if (watcher !== undefined) this.#watchers.add(watcher);
    this.#models = new ModelChoice(resolved.model, () => this.#askModels());
    this.#refusals = new RefusalExplainer({
      dialect: dialect.name,
      probe: (signal) => this.probe({ signal, timeoutMs: QUESTION_TIMEOUT_MS }),
      hint: () => this.#models.hint,
    });
    this.#pool = new ConnectionPool({ origin: baseUrl, connectMs: this.#timeouts.connectMs, logTail, loading });
  }

  /**
   * Runs a job. Resolves for every HTTP answer; the status is part of the response.
   *
   * @throws {INVALID_OPTION} an invalid option, or a field that the dialect cannot represent.
   * @throws {CONNECT_FAILED} @throws {LIMIT_CONNECT} @throws {LIMIT_HEADERS} @throws {STREAM_ABORTED}
   * @example const events = await collectSseEvents(await client.execute(makeTestRequest("job-1", "Hello", 10)));
   */
  async execute(request: ExecuteBody, options: ExecuteOptions = {}): Promise<ExecuteResponse> {
    const resolved = resolveOptions(EXECUTE_OPTIONS, options);
    const model = typeof (request as { model?: unknown }).model === "string" ? undefined : await this.#models.find();
    const carried = dropDefaultSeed(request, this.dialect);
    const { path, headers, body } = this.dialect.encodeRequest(carried, { model });
    const jobId = typeof request.job_id === "string" ? request.job_id : undefined;
    const given = { ...this.headers.withoutReplaced(headers), ...resolved.headers };
    const sent: SentRequest = { ...resolved, method: "POST", headers: given, body };
    const { answer, facts } = await this.#send(path, sent, { jobId, request });
    const refusalHint = facts.refusalHint ?? (await this.#refusals.explain(answer.status, resolved.signal));
    const leftOut = carried === request ? [] : ["seed"];
    return new ExecuteResponse(answer, { ...facts, refusalHint, leftOut });
  }

  /** The model that requests name; undefined where the dialect has none, or before it is known. */
  get model(): string | undefined {
    return this.#models.model;
  }

  /**
   * Asks the server for its models now; without it, the first job asks.
   *
   * @throws {INVALID_OPTION} the server does not have `model`.
   */
  async prepare(): Promise<void> {
    await this.#models.prepare();
  }

  /** What the server is, by its answers to a few questions. @throws {CONNECT_FAILED} */
  probe(options: CallOptions = {}): Promise<ProbeReport> {
    return probeServer((path, request) => this.request(path, request), options);
  }

  /** Sends any other request. Resolves for every status. */
  async request(path: string, options: RawRequest = {}): Promise<ExecuteResponse> {
    const { answer, facts } = await this.#send(path, resolveOptions(RAW_REQUEST, options));
    return new ExecuteResponse(answer, facts);
  }

  /**
   * What the worker reports about itself, even when it is unhealthy.
   *
   * @throws {HTTP_FAILED} an unexpected status. @throws {INVALID_RESPONSE} the answer is invalid.
   * @throws {INVALID_OPTION} the dialect has no health request.
   */
  async health(options?: CallOptions): Promise<Health> {
    return this.#askEndpoint(this.#require("health"), options);
  }

  /**
   * How busy the worker is, even when it is unhealthy. Other fields are not checked.
   *
   * @throws as for {@link health}.
   */
  async slots(options: CallOptions = {}): Promise<Slots> {
    const endpoints = [this.#require("slots")].flat();
    for (const endpoint of endpoints.slice(this.#slotsAt, -1)) {
      const slots = await this.#askEndpoint(endpoint, options).catch(toNothingIfAnswered);
      if (slots !== undefined) return slots;
      this.#slotsAt += 1; // the server does not have it
    }
    return this.#askEndpoint(endpoints.at(-1) as Endpoint<Slots>, options, SLOTS_HINT);
  }

  /**
   * Cancels a job; idempotent.
   *
   * @throws {HTTP_FAILED} @throws {INVALID_RESPONSE} @throws {INVALID_OPTION} an invalid id, or a dialect that cancels by disconnecting.
   */
  async cancel(jobId: string, options: CallOptions = {}): Promise<CancelAnswer> {
    text({ filled: true }).read("jobId", jobId);
    checkOption(jobId.isWellFormed(), "jobId", { wanted: "text without lone surrogates", value: jobId });
    const cancel = this.#require(
      "cancel",
      "Close the connection to cancel the job: `disconnectAfter()`, or `response.abort()`.",
    );
    const { body, url } = await this.#call(
      { method: "POST", accepts: cancel.accepts, ...cancel.encode(jobId) },
      options,
    );
    return this.#parse(cancel.parse, { url, body });
  }

  /** The worker's metrics. @throws {HTTP_FAILED} @throws {INVALID_RESPONSE} @throws {INVALID_OPTION} the dialect has no metrics request. */
  async metrics(options: CallOptions = {}): Promise<MetricsSnapshot> {
    const { path } = this.#require("metrics");
    return parseMetrics((await this.#call({ path, accepts: [200] }, options)).body);
  }

  /**
   * Asks the worker to shut itself down, as after SIGTERM. @throws {HTTP_FAILED} @throws {INVALID_OPTION} the dialect has no such request.
   */
  async shutdown(options: CallOptions = {}): Promise<void> {
    await this.#call({ ...this.#require("shutdown"), method: "POST" }, options);
  }

  /** Observes requests from now on, in addition to other watchers, until the returned function is called. No overhead without a watcher. */
  addWatcher(watcher: StreamWatcher): () => void {
    const own: StreamWatcher = (request) => watcher(request); // registering the same function twice keeps two registrations
    this.#watchers.add(own);
    return () => void this.#watchers.delete(own);
  }

  /** Closes every connection, including those being read. Idempotent. */
  close(): Promise<void> {
    return this.#pool.destroy();
  }

  async #askEndpoint<Answer>(endpoint: Endpoint<Answer>, options: CallOptions = {}, hint?: string): Promise<Answer> {
    const { body, url } = await this.#call(endpoint, options);
    return this.#parse(endpoint.parse, { url, body, hint });
  }

  async #askModels(): Promise<readonly string[] | undefined> {
    const { models } = this.dialect;
    return models && this.#askEndpoint(models, { timeoutMs: QUESTION_TIMEOUT_MS });
  }

  #require<Name extends "health" | "slots" | "cancel" | "metrics" | "shutdown">(
    name: Name,
    hint?: string,
  ): NonNullable<Dialect[Name]> {
    const part = this.dialect[name];
    if (part !== undefined) return part;
    const message = `Expected a worker whose dialect has \`${name}\`, got \`${this.dialect.name}\`: this dialect has no ${name}`;
    throw new InvalidOptionError({ message, hint });
  }

  async #send(path: string, options: SentRequest, job: Job = NO_JOB) {
    checkOption(path.startsWith("/"), "path", { wanted: "a path that begins with /", value: path });
    const controller = new AbortController();
    const url = `${this.baseUrl}${path}`;
    const { method, body, dedicatedConnection, timeoutMs } = options;
    const signal =
      options.signal === undefined ? controller.signal : AbortSignal.any([controller.signal, options.signal]);
    const sentAtMs = performance.now();
    const timeouts: StreamTimeouts = { ...this.#options.timeouts, ...options.timeouts };
    const { headersMs, totalMs } = resolveStreamTimeouts(timeouts);
    const { sent, shown } = this.headers.addTo(withoutUndefined(options.headers ?? {}));
    const watch = this.#watch({ method, path, ...job, headers: shown, body });
    const findExit = this.#options.watchExit?.();
    const target = `${this.baseUrl}${this.#options.secretPath}${path}`;
    const answer = await this.#sendWatched(
      { method, url, target, headers: sent, body, headersMs: timeoutMs ?? headersMs, signal, dedicatedConnection },
      watch,
    );
    const { loading, logTail } = this.#options;
    const refusalHint = loading?.forStatus(answer.status) ?? this.headers.hintFor(answer.status);
    loading?.noteAnswer(path, answer.status);
    const abort = (reason?: unknown) => {
      controller.abort(reason);
    };
    const origin = { url, dialect: this.dialect, ...job, sentAtMs, cancel: this.#cancel, logTail, findExit };
    return { answer, facts: { ...origin, timeouts, bodyMs: timeoutMs ?? totalMs, abort, watch, refusalHint } };
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

  #watch(request: Omit<WatchedRequest, "dialect" | "isJob">): StreamWatch | undefined {
    if (this.#watchers.size === 0) return undefined;
    const { dialect } = this;
    const watched = { ...request, dialect, isJob: isExecute(dialect, request.method, request.path) };
    return joinWatches([...this.#watchers].map((watcher) => watcher(watched)));
  }

  async #call({ path, method = "GET", body, accepts }: Call, options: CallOptions) {
    const { timeoutMs = this.#timeouts.headersMs, signal } = resolveOptions(CALL_OPTIONS, options);
    const headers = method === "POST" ? POST_HEADERS : undefined;
    const sent: SentRequest = {
      timeouts: undefined,
      dedicatedConnection: false,
      method,
      headers,
      body,
      timeoutMs,
      signal,
    };
    const { answer, facts } = await this.#send(path, sent);
    const { url, watch } = facts;
    const reading = { url, bodyMs: timeoutMs, maxBytes: MOST_BODY_BYTES, watch };
    if (accepts.includes(answer.status)) return { body: await readText(answer, reading), url };
    const start = await readStart(answer, { ...reading, maxBytes: MOST_REFUSAL_BYTES });
    throw new HttpFailedError({
      message: `${url} answered ${answer.status}: ${withoutHiddenValues(start.text).slice(0, 500)}`,
      hint: facts.refusalHint,
      details: { status: answer.status, url },
      logTail: this.#options.logTail(),
    });
  }

  #parse<T>(
    parse: (body: string) => T,
    { url, body, hint = PROTOCOL_HINT }: { url: string; body: string; hint?: string | undefined },
  ): T {
    try {
      return parse(body);
    } catch (cause) {
      const message = `the answer of ${url} breaks the protocol: ${(cause as Error).message}`;
      throw new InvalidResponseError({ message, hint, details: { body: body.slice(0, 500) } });
    }
  }
}

/** A server that has answered does not have it. */
function toNothingIfAnswered(error: unknown): undefined {
  if (isTestkitError(error, "HTTP_FAILED") || isTestkitError(error, "INVALID_RESPONSE")) return undefined;
  throw error;
}

function withoutUndefined(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(given);
}
