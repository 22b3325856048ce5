import type { CancelAnswer, ExecuteRequest, Health } from "inference-worker-protocol";
import {
  WorkerClient,
  type CallOptions,
  type ExecuteBody,
  type ExecuteOptions,
  type ExecuteResponse,
  type MetricsSnapshot,
  type RawRequest,
} from "../../client/index.js";
import type { Dialect, InferenceEvent, Slots } from "../../dialects/index.js";
import { isTestkitError } from "../../errors/index.js";
import type { Exchange } from "../../evidence/index.js";
import { watchStream } from "../../events/index.js";
import type { JobTarget } from "../../jobs/index.js";
import { makeTestRequest } from "../../requests/index.js";
import type { ServerFacts } from "../capabilities.js";
import { fail } from "../verdict.js";
import type { CheckNotes } from "../evidence/check-notes.js";
import { CheckRecorder } from "../evidence/check-recorder.js";
import { Answer } from "./answer.js";
import { RawAnswer, readRaw } from "./raw-answer.js";

/** What a dialect makes of a job. */
export type EncodedRequest = ReturnType<Dialect["encodeRequest"]>;

/** The largest answer of a check: beyond it, the stream is cut. */
const MOST_ANSWER_BYTES = 8 * 1024 * 1024;

/**
 * The fields of a job, by the names of `ExecuteRequest`; the dialect translates them. Any value can be sent, also one that the server must
 * refuse; `undefined` leaves a field out.
 */
export type JobFields = { readonly [K in keyof Omit<ExecuteRequest, "job_id">]?: unknown } & {
  /** @default the model under test */
  readonly model?: unknown;
  /** Further fields of the body. */
  readonly extraBody?: Readonly<Record<string, unknown>> | undefined;
};

/** What a check of one server needs. */
export interface CheckTargetOptions {
  readonly facts: Pick<ServerFacts, "url" | "dialect" | "model" | "headers">;
  /** Ends every request. */
  readonly signal: AbortSignal;
  /** Records what is sent and received. @default nothing that is looked at */
  readonly recorder?: CheckRecorder | undefined;
  /** Collects what was seen and does not decide. @default nothing that is looked at */
  readonly notes?: CheckNotes | undefined;
  /** Names the jobs. */
  readonly name: string;
  /** Time-out for headers, first token, and the pause between two tokens. */
  readonly silenceMs: number;
}

/**
 * The server under test, for one check: it has connections of its own, and everything is recorded, bounded, and ends with the check. The
 * functions for jobs take it as well: `executeAll(target, …)`, `cancelAfter(target, …)`, `waitForIdle(target)`.
 */
export class CheckTarget implements JobTarget {
  readonly dialect: Dialect;
  readonly #client: WorkerClient;
  readonly #signal: AbortSignal;
  readonly #recorder: CheckRecorder;
  readonly #name: string;
  readonly #options: CheckTargetOptions;
  readonly #others: CheckTarget[] = [];
  #jobCount = 0;

  constructor(options: CheckTargetOptions) {
    const { facts, signal, recorder = new CheckRecorder(), name, silenceMs } = options;
    this.#options = { ...options, recorder };
    this.dialect = facts.dialect;
    this.#recorder = recorder;
    this.#signal = signal;
    this.#name = name;
    this.#client = new WorkerClient({
      baseUrl: facts.url,
      dialect: facts.dialect,
      model: facts.model,
      headers: facts.headers,
      watcher: (request) => recorder.watch(request),
      timeouts: {
        headersMs: silenceMs,
        firstTokenMs: silenceMs,
        tokenIdleMs: silenceMs,
        transportIdleMs: silenceMs,
        totalMs: Infinity, // the signal ends it
        decodedBytes: MOST_ANSWER_BYTES,
      },
    });
  }

  /**
   * Runs a job that must complete. The check fails if it does not.
   *
   * @example const { text } = await target.generate(prompts.endless(), { max_tokens: 16, temperature: 0 });
   */
  async generate(prompt: string, fields: JobFields = {}): Promise<Answer> {
    const answer = await this.attempt(prompt, fields);
    if (answer.isComplete) return answer;
    return fail({ expected: "a complete answer", got: answer.describe() });
  }

  /** Runs a job, however it ends. The check fails if the answer is not a stream at all, such as a refusal. */
  async attempt(
    prompt: string,
    fields: JobFields = {},
    onEvents?: (events: readonly InferenceEvent[]) => void,
  ): Promise<Answer> {
    const request = this.request(prompt, fields);
    const response = await this.execute(request);
    const most = mostTokens(request);
    const stream = await watchStream(response, { signal: this.#join(undefined) }, (events) => {
      onEvents?.(events);
      if (events.length > most)
        fail({ expected: `a stream of about ${String(request.max_tokens)} tokens`, got: `more than ${most} events` });
    });
    return new Answer({ head: response, exchange: this.#findExchange(response.jobId) }, stream);
  }

  /**
   * Sends a job and returns the answer as it is, for a server that must refuse it.
   *
   * @example expect("status", (await target.ask(prompts.endless(), { max_tokens: -1 })).status).toBe(400);
   */
  async ask(prompt: unknown, fields: JobFields = {}): Promise<RawAnswer> {
    return this.#read(await this.execute(this.request(prompt, fields)));
  }

  /** Sends anything and reads the answer as it is, up to 1 MiB. @param path begins with `/`. */
  async send(path: string, options: RawRequest = {}): Promise<RawAnswer> {
    return this.#read(await this.#client.request(path, { ...options, signal: this.#join(options.signal) }));
  }

  /** Sends a body of one's own where jobs go, such as text that is not JSON. */
  async sendBody(body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): Promise<RawAnswer> {
    const { path, headers: own } = this.encode("Hello");
    return this.send(path, { method: "POST", body, headers: { ...own, ...headers } });
  }

  /** A valid job with these fields: without sampling, stop sequences and seed, and with 16 tokens. */
  request(prompt: unknown, fields: JobFields = {}): ExecuteBody {
    this.#jobCount += 1;
    const { max_tokens: maxTokens = 16, ...others } = fields;
    const job = makeTestRequest(`${this.#name}-${this.#jobCount}`, "", 1, { seed: null, temperature: 0 });
    const limit = "max_tokens" in fields && fields.max_tokens === undefined ? undefined : maxTokens;
    return { ...job, prompt, max_tokens: limit, ...others };
  }

  execute(request: ExecuteBody, options: ExecuteOptions = {}): Promise<ExecuteResponse> {
    return this.#client.execute(request, { ...options, signal: this.#join(options.signal) });
  }

  cancel(jobId: string, options: CallOptions = {}): Promise<CancelAnswer> {
    return this.#client.cancel(jobId, { ...options, signal: this.#join(options.signal) });
  }

  health(options: CallOptions = {}): Promise<Health> {
    return this.#client.health({ ...options, signal: this.#join(options.signal) });
  }

  /**
   * A server may close an idle connection just when it is asked, so a question that got no answer is put once more (RFC 9110, 9.2.2). The
   * report has a note of it.
   */
  async slots(options: CallOptions = {}): Promise<Slots> {
    const ask = (): Promise<Slots> => this.#client.slots({ ...options, signal: this.#join(options.signal) });
    try {
      return await ask();
    } catch (error) {
      if (!isTestkitError(error, "CONNECT_FAILED")) throw error;
      this.#options.notes?.add("the connection closed before the answer about the slots, which was asked for again");
      return ask();
    }
  }

  metrics(options: CallOptions = {}): Promise<MetricsSnapshot> {
    return this.#client.metrics({ ...options, signal: this.#join(options.signal) });
  }

  /** The same for another process of the server: it is recorded with this one, and closed with it. */
  at(url: string): CheckTarget {
    return this.#derive({ url });
  }

  /** The same for a client that does not have the key of the server. */
  withoutHeaders(): CheckTarget {
    return this.#derive({ headers: undefined });
  }

  /** A job as the dialect writes it. */
  encode(prompt: unknown, fields: JobFields = {}): EncodedRequest {
    return this.dialect.encodeRequest(this.request(prompt, fields), { model: this.#client.model });
  }

  /**
   * The head of a request that is written byte by byte, with what is sent with every request. Not recorded, and not to be shown.
   *
   * @param begin method and path.
   * @param host of the line `host`. @default the server
   */
  writeHead(begin: string, lines: readonly string[], host = this.url.host): string {
    const own = toLines(this.#client.headers.reveal());
    return [`${begin} HTTP/1.1`, `host: ${host}`, ...own, ...lines, "", ""].join("\r\n");
  }

  /** The same for a job. */
  writeJobHead({ path, headers }: EncodedRequest, lines: readonly string[]): string {
    return this.writeHead(`POST ${path}`, [...toLines(this.#client.headers.withoutReplaced(headers)), ...lines]);
  }

  #derive(change: Partial<CheckTargetOptions["facts"]>): CheckTarget {
    const { facts, name } = this.#options;
    const other = new CheckTarget({
      ...this.#options,
      facts: { ...facts, ...change },
      name: `${name}-other-${this.#others.length + 1}`,
    });
    this.#others.push(other);
    return other;
  }

  /** How long the server may be silent, in ms. */
  get silenceMs(): number {
    return this.#options.silenceMs;
  }

  /** Where the server listens. */
  get url(): URL {
    return new URL(this.#options.facts.url);
  }

  /** Closes the connections. */
  async close(): Promise<void> {
    await Promise.all([this.#client.close(), ...this.#others.map((other) => other.close())]);
  }

  async #read(response: ExecuteResponse): Promise<RawAnswer> {
    const { status, headers, body } = response;
    return new RawAnswer({ status, headers, ...(await readRaw(body, this.#signal)) }, this.dialect);
  }

  #findExchange(jobId: string | undefined): Exchange | undefined {
    return this.#recorder.exchanges.findLast(({ request }) => request.jobId === jobId);
  }

  #join(given: AbortSignal | undefined): AbortSignal {
    // A signal of its own for each request: hundreds of listeners on one signal cause a warning.
    return AbortSignal.any([this.#signal, ...(given === undefined ? [] : [given])]);
  }
}

/** A stream with more events than this is not worth waiting for: the server ignores the limit of tokens. */
function mostTokens({ max_tokens: limit }: ExecuteBody): number {
  return typeof limit === "number" && limit > 0 ? 2 * limit + 64 : 10_000;
}

function toLines(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
}
