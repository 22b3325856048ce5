import type { CancelAnswer, Health } from "inference-worker-protocol";
import { dropDefaultSeed, type Dialect, type Endpoint, type ExecuteBody, type Slots } from "../dialects/index.js";
import { HttpFailedError, InvalidOptionError, InvalidResponseError, isTestkitError } from "../errors/index.js";
import { resolveStreamTimeouts, type ResolvedStreamTimeouts } from "../events/index.js";
import { checkOption, resolveOptions, text, type ResolvedOptionsOf } from "../options/index.js";
import { withoutHiddenValues } from "../terminal/index.js";
import { ExecuteResponse } from "./execute-response.js";
import { RefusalExplainer } from "./explain-refusal.js";
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
import { Sender, type SentRequest } from "./sender.js";
import { probeServer, QUESTION_TIMEOUT_MS, type ProbeReport } from "./probe-server.js";
import type { ServerHeaders } from "./server-headers.js";
import type { StreamWatcher } from "./stream-watch.js";

const PROTOCOL_HINT = "See docs/wire-protocol.md for what a worker answers. Is this the address of a worker?";
/**
 * The protocol requires the content type on every POST. There is no body, because a simple server may not read it and reset the
 * connection.
 */
const POST_HEADERS = { "content-type": "application/json" };

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
  readonly #sender: Sender;
  readonly #models: ModelChoice;
  readonly #refusals: RefusalExplainer;
  /** The first one of the endpoints for slots that the server may have. */
  #slotsAt = 0;

  constructor(options: WorkerClientOptions) {
    const resolved = resolveOptions(CLIENT_OPTIONS, options);
    const { baseUrl, dialect, timeouts } = resolved;
    this.#options = resolved;
    this.baseUrl = baseUrl;
    this.dialect = dialect;
    this.headers = resolved.headers;
    this.#timeouts = resolveStreamTimeouts(timeouts);
    this.#sender = new Sender(resolved, this.#timeouts, (jobId, call) => this.cancel(jobId, call));
    this.#models = new ModelChoice(resolved.model, () => this.#askModels());
    this.#refusals = new RefusalExplainer({
      dialect: dialect.name,
      probe: (signal) => this.probe({ signal, timeoutMs: QUESTION_TIMEOUT_MS }),
      hint: () => this.#models.hint,
    });
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
    const { answer, facts } = await this.#sender.send(path, sent, { jobId, request });
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
    const { answer, facts } = await this.#sender.send(path, resolveOptions(RAW_REQUEST, options));
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
    return this.#sender.addWatcher(watcher);
  }

  /** Closes every connection, including those being read. Idempotent. */
  close(): Promise<void> {
    return this.#sender.close();
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
    const { answer, facts } = await this.#sender.send(path, sent);
    const { url, watch, deadline, logTail, sentAtMs } = facts;
    const reading = { url, bodyMs: timeoutMs, maxBytes: MOST_BODY_BYTES, watch, deadline, logTail, sentAtMs };
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
