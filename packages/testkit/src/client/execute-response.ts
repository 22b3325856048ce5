import { parseJson, type CancelAnswer } from "inference-worker-protocol";
import { checkInteger, checkKnownOptions, InvalidOptionError, InvalidResponseError } from "../errors/index.js";
import type { CollectedStream, StreamLimits, StreamResponse } from "../events/index.js";
import type { CallOptions } from "./call-options.js";
import type { HttpAnswer } from "./http.js";
import type { DisconnectKind } from "./own-connection.js";
import { MOST_BODY_BYTES, MOST_REFUSAL_BYTES, readStart, readText, type BodyStart } from "./read-body.js";
import { watchBody, type StreamWatch } from "./stream-watch.js";

/** How a body is read as a whole. */
export interface BodyOptions {
  /** How large it may be. @default 1 MiB */
  readonly maxBytes?: number | undefined;
}

/** What the client knows of a request besides its answer. */
export interface RequestFacts {
  readonly url: string;
  readonly jobId: string | undefined;
  /** When the request was handed to the connection, on the clock of `performance.now()`. */
  readonly sentAtMs: number;
  /** What was set for the worker or for the call; the reading of the stream starts from it. */
  readonly limits: StreamLimits;
  /** Limit for reading the whole body as text, in ms. */
  readonly bodyMs: number;
  readonly abort: (reason?: unknown) => void;
  readonly cancel: (jobId: string, options?: CallOptions) => Promise<CancelAnswer>;
  readonly logTail: () => readonly string[];
  readonly findExit: (() => Promise<string | undefined>) | undefined;
  /** Looks on while the body is read. */
  readonly watch?: StreamWatch | undefined;
}

/**
 * The answer to `POST /execute`, whatever its status: read a stream with `collectSseEvents()`, a refusal with
 * {@link ExecuteResponse.json}. The body can be read once.
 *
 * @example
 * const response = await worker.execute(request);
 * if (response.status === 503) console.log((await response.json()).code);
 */
export class ExecuteResponse implements StreamResponse {
  readonly kind = "inference-stream-response";
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
  readonly url: string;
  /** The `job_id` of the request, if it had one. */
  readonly jobId: string | undefined;
  readonly sentAtMs: number;
  /** When the first byte of the request went to the socket. */
  readonly writtenAtMs: number | undefined;
  /** When the response headers were there, on the clock of `performance.now()`. */
  readonly headersAtMs = performance.now();
  readonly limits: StreamLimits;
  readonly logTail: () => readonly string[];
  readonly findExit: (() => Promise<string | undefined>) | undefined;
  /** Set if somebody looks on: told what became of the stream when it has been read. */
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
    this.body = watch === undefined ? answer.body : watchBody(answer.body, watch);
    if (watch !== undefined) this.onCollected = (stream) => watch.onCollected?.(stream);
    this.url = facts.url;
    this.jobId = facts.jobId;
    this.sentAtMs = facts.sentAtMs;
    this.writtenAtMs = answer.writtenAtMs;
    this.limits = facts.limits;
    this.logTail = facts.logTail;
    this.findExit = facts.findExit;
  }

  /** Whether the status is 200. */
  get ok(): boolean {
    return this.status === 200;
  }

  get correlationId(): string | undefined {
    return this.headers["x-correlation-id"];
  }

  /**
   * The whole body as text, within the call's `timeoutMs`, else within `totalMs`.
   *
   * @throws {INVALID_RESPONSE} it is larger than `maxBytes`, does not end in time, or breaks off. @throws {STREAM_ABORTED}
   * @throws {INVALID_OPTION}
   */
  async text(options: BodyOptions = {}): Promise<string> {
    checkKnownOptions("options", options, ["maxBytes"] satisfies (keyof BodyOptions)[]);
    const { maxBytes = MOST_BODY_BYTES } = options;
    checkInteger("maxBytes", maxBytes, [0, Number.MAX_SAFE_INTEGER]);
    return readText(this.#answer, this.#reading(maxBytes));
  }

  /**
   * The whole body as JSON; integers beyond 2^53 are `bigint`.
   *
   * @throws {INVALID_RESPONSE} the body is not JSON, too large, or not complete in time. @throws {STREAM_ABORTED} @throws {INVALID_OPTION}
   */
  async json(options?: BodyOptions): Promise<unknown> {
    return parseJsonBody(await this.text(options), this.url);
  }

  /** @internal The first 16 KiB of a refusal, or what came of it. @throws {STREAM_ABORTED} */
  refusal(): Promise<BodyStart> {
    return readStart(this.#answer, this.#reading(MOST_REFUSAL_BYTES));
  }

  #reading(maxBytes: number) {
    return { url: this.url, bodyMs: this.#bodyMs, maxBytes, watch: this.#watch };
  }

  /**
   * `POST /cancel/{job_id}` for the job of this response; the stream then ends with a terminal event of its own. Idempotent.
   *
   * @throws {INVALID_OPTION} the request had no `job_id`. @throws {HTTP_FAILED} @throws {INVALID_RESPONSE} @throws {CONNECT_FAILED}
   * @example await response.cancel(); // { job_id: "job-1", state: "cancelling" }
   */
  async cancel(options?: CallOptions): Promise<CancelAnswer> {
    if (this.jobId !== undefined) return this.#cancel(this.jobId, options);
    throw new InvalidOptionError({ message: "Expected a request with a `job_id` for `cancel()`, got one without" });
  }

  /**
   * Cuts the connection at the level of the socket, as a client does that crashes (`reset`: RST) or leaves (`close`: FIN, then the
   * socket is gone). Resolves when the socket is closed. Only for a request with `ownConnection: true`.
   *
   * @throws {INVALID_OPTION} the request shares the pool's connections.
   */
  async disconnect(how: DisconnectKind): Promise<void> {
    const { ownConnection } = this.#answer;
    if (ownConnection !== undefined) return ownConnection.disconnect(how);
    throw new InvalidOptionError({
      message: "Expected a request with `ownConnection: true` for `disconnect()`, got one that shares its connection",
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
