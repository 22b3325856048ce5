import { CORRELATION_ID_HEADER, parseJson, type CancelAnswer } from "inference-worker-protocol";
import type { Dialect, ExecuteBody } from "../dialects/index.js";
import { InvalidOptionError, InvalidResponseError } from "../errors/index.js";
import type { CollectedStream, StreamTimeouts, StreamResponse } from "../events/index.js";
import { defineOptions, integer, resolveOptions, withDefault, type OptionsOf } from "../options/index.js";
import type { CallOptions } from "./options.js";
import type { HttpAnswer } from "./http.js";
import type { DisconnectKind } from "./dedicated-connection.js";
import { MOST_BODY_BYTES, MOST_REFUSAL_BYTES, readStart, readText, type BodyStart } from "./read-body.js";
import { watchBody, watchesBody, type StreamWatch } from "./stream-watch.js";

const BODY_OPTIONS = defineOptions({
  /** Maximum size. @default 1 MiB */
  maxBytes: withDefault(integer(), MOST_BODY_BYTES),
});

/** How a body is read as a whole. */
export interface BodyOptions extends OptionsOf<typeof BODY_OPTIONS> {}

/** What the client knows about a request besides its response. */
export interface RequestFacts {
  readonly url: string;
  readonly dialect: Dialect;
  readonly jobId: string | undefined;
  readonly request: ExecuteBody | undefined;
  /** When the request was handed to the connection, on the clock of `performance.now()`. */
  readonly sentAtMs: number;
  /** The time-outs of the worker or the call; the defaults for reading the stream. */
  readonly timeouts: StreamTimeouts;
  /** Time-out for reading the whole body as text, in ms. */
  readonly bodyMs: number;
  readonly abort: (reason?: unknown) => void;
  readonly cancel: (jobId: string, options?: CallOptions) => Promise<CancelAnswer>;
  readonly logTail: () => readonly string[];
  readonly findExit: (() => Promise<string | undefined>) | undefined;
  /** Fires shortly before the limit of the test passes. */
  readonly deadline?: AbortSignal | undefined;
  /** What may be behind a status that is not 200, for error messages. */
  readonly refusalHint?: string | undefined;
  readonly leftOut?: readonly string[] | undefined;
  /** Observes the reading of the body. */
  readonly watch?: StreamWatch | undefined;
}

/**
 * The response to a request, with any status. Read a stream with `collectSseEvents()` and a refusal with {@link ExecuteResponse.json}. The
 * body can be read only once.
 *
 * @example
 * const response = await worker.execute(request);
 * if (response.status === 503) console.log((await response.json()).code);
 */
export class ExecuteResponse implements StreamResponse {
  readonly kind = "inference-stream-response";
  readonly status: number;
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
  readonly url: string;
  /** The dialect of the worker. */
  readonly dialect: Dialect;
  /** The `job_id` of the request, if it had one. */
  readonly jobId: string | undefined;
  /** The request of a job; `undefined` for a response of `request()`. */
  readonly request: ExecuteBody | undefined;
  readonly sentAtMs: number;
  /** When the first byte of the request was written to the socket. */
  readonly writtenAtMs: number | undefined;
  /** When the response headers arrived, on the clock of `performance.now()`. */
  readonly headersAtMs = performance.now();
  readonly timeouts: StreamTimeouts;
  readonly logTail: () => readonly string[];
  readonly findExit: (() => Promise<string | undefined>) | undefined;
  /** Fires shortly before the limit of the test passes; undefined if no limit is known. */
  readonly deadline: AbortSignal | undefined;
  /** What may be behind a status that is not 200, for error messages. */
  readonly refusalHint: string | undefined;
  /** Defaults of `makeTestRequest()` that were not sent, because the dialect cannot carry them: its seed, or nothing. */
  readonly leftOut: readonly string[];
  /** Set if the request is observed; called with the result when the stream has been read. */
  readonly onCollected?: ((stream: CollectedStream) => void) | undefined;
  readonly #watch: StreamWatch | undefined;
  readonly #answer: HttpAnswer;
  readonly #bodyMs: number;
  readonly #abort: (reason?: unknown) => void;
  readonly #cancel: RequestFacts["cancel"];

  constructor(answer: HttpAnswer, facts: RequestFacts) {
    this.#answer = answer;
    this.#bodyMs = facts.bodyMs;
    this.#abort = facts.abort;
    this.#cancel = facts.cancel;
    this.status = answer.status;
    this.headers = answer.headers;
    const { watch } = facts;
    this.#watch = watch;
    this.body = watch === undefined || !watchesBody(watch) ? answer.body : watchBody(answer.body, watch);
    if (watch?.onCollected !== undefined) this.onCollected = (stream) => watch.onCollected?.(stream);
    this.url = facts.url;
    this.dialect = facts.dialect;
    this.jobId = facts.jobId;
    this.request = facts.request;
    this.sentAtMs = facts.sentAtMs;
    this.writtenAtMs = answer.writtenAtMs;
    this.timeouts = facts.timeouts;
    this.logTail = facts.logTail;
    this.findExit = facts.findExit;
    this.deadline = facts.deadline;
    this.refusalHint = facts.refusalHint;
    this.leftOut = facts.leftOut ?? [];
  }

  /** Whether the status is 200. */
  get ok(): boolean {
    return this.status === 200;
  }

  get correlationId(): string | undefined {
    return this.headers[CORRELATION_ID_HEADER];
  }

  /**
   * The whole body as text, within the call's `timeoutMs`, or `totalMs` if the call has none.
   *
   * @throws {INVALID_RESPONSE} it is larger than `maxBytes`, does not end in time, or is cut off. @throws {STREAM_ABORTED}
   * @throws {INVALID_OPTION}
   */
  async text(options: BodyOptions = {}): Promise<string> {
    const { maxBytes } = resolveOptions(BODY_OPTIONS, options);
    return readText(this.#answer, this.#reading(maxBytes));
  }

  /**
   * The whole body as JSON; integers beyond 2^53 are `bigint`.
   *
   * @throws {INVALID_RESPONSE} the body is not JSON, is too large, or does not end in time. @throws {STREAM_ABORTED} @throws
   * {INVALID_OPTION}
   */
  async json(options?: BodyOptions): Promise<unknown> {
    return parseJsonBody(await this.text(options), this.url);
  }

  /** @internal The first 16 KiB of a refusal, or as much as arrived. @throws {STREAM_ABORTED} */
  refusal(): Promise<BodyStart> {
    return readStart(this.#answer, this.#reading(MOST_REFUSAL_BYTES));
  }

  #reading(maxBytes: number) {
    const { url, deadline, logTail, sentAtMs } = this;
    return { url, bodyMs: this.#bodyMs, maxBytes, watch: this.#watch, deadline, logTail, sentAtMs };
  }

  /**
   * Cancels the job of this response; the stream then ends with its own terminal event. Idempotent.
   *
   * @throws {INVALID_OPTION} the request had no `job_id`, or the dialect cannot cancel by a request. @throws {HTTP_FAILED} @throws
   * {INVALID_RESPONSE} @throws {CONNECT_FAILED}
   * @example await response.cancel(); // { job_id: "job-1", state: "cancelling" }
   */
  async cancel(options?: CallOptions): Promise<CancelAnswer> {
    if (this.jobId !== undefined) return this.#cancel(this.jobId, options);
    throw new InvalidOptionError({ message: "Expected a request with a `job_id` for `cancel()`, got one without" });
  }

  /**
   * Cuts the connection at socket level, like a client that crashes (`reset`: RST) or one that leaves (`close`: FIN, then the socket is
   * closed). Resolves when the socket is closed. Only for a request with `dedicatedConnection: true`.
   *
   * @throws {INVALID_OPTION} the request shares the pool's connections.
   */
  async disconnect(how: DisconnectKind): Promise<void> {
    const { dedicatedConnection } = this.#answer;
    if (dedicatedConnection !== undefined) {
      this.#watch?.onCut?.();
      return dedicatedConnection.disconnect(how);
    }
    throw new InvalidOptionError({
      message:
        "Expected a request with `dedicatedConnection: true` for `disconnect()`, got one that shares its connection",
    });
  }

  /** Closes the connection; the worker sees its client disappear. */
  abort(reason?: unknown): void {
    this.#abort(reason);
  }
}

/**
 * Parses a JSON answer.
 *
 * @throws {INVALID_RESPONSE} with the start of the body.
 */
export function parseJsonBody(text: string, url: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    const message = `expected JSON from ${url}, got \`${text.slice(0, 200)}\``;
    throw new InvalidResponseError({ message, cause });
  }
}
