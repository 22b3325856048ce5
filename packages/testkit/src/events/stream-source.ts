import { InvalidOptionError } from "../errors/index.js";
import { orcd, type Dialect, type ExecuteBody } from "../dialects/index.js";
import type { StreamTimeouts } from "./timeouts.js";
import type { CollectedStream } from "./outcome.js";
import { fromIterable, fromReadableStream, type ChunkReader } from "./chunk-reader.js";

/** The response to an execute request, as the framework's client returns it; its body can be read once. */
export interface StreamResponse {
  readonly kind: "inference-stream-response";
  readonly status: number;
  /** Names are lower-case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
  readonly url: string;
  /** When the request was sent, on the clock of `performance.now()`. */
  readonly sentAtMs?: number | undefined;
  /** When its headers arrived, on the same clock. */
  readonly headersAtMs?: number | undefined;
  /** The server's dialect. @default this project's own protocol */
  readonly dialect?: Dialect | undefined;
  /** The `job_id` of the request: a stream that belongs to another job is an error. */
  readonly jobId?: string | undefined;
  /** The request, if known. */
  readonly request?: ExecuteBody | undefined;
  /** Timeouts for reading this stream; those of the reading call take precedence. */
  readonly timeouts?: StreamTimeouts | undefined;
  /** Closes the connection; may be called at any time, and more than once. */
  abort(reason?: unknown): void;
  /** The last log lines of the worker, for error messages. */
  readonly logTail?: (() => readonly string[]) | undefined;
  /** After a broken connection: how the server process ended, in one clause; `undefined` if it did not. Never rejects. */
  readonly findExit?: (() => Promise<string | undefined>) | undefined;
  /** Fires shortly before the limit of the test passes. */
  readonly deadline?: AbortSignal | undefined;
  /** The likely cause of a status other than 200, for error messages. */
  readonly refusalHint?: string | undefined;
  /** Called once with the result when reading has ended. Must not throw. */
  readonly onCollected?: ((stream: CollectedStream) => void) | undefined;
}

/** Anything that carries the bytes of an event stream: the response of `execute()`, a WHATWG `Response`, or the bytes themselves. */
export type StreamSource = StreamResponse | Response | AsyncIterable<Uint8Array>;

/** Status line and headers, for sources that have them. */
export interface ResponseHead {
  readonly status: number;
  readonly contentType: string | undefined;
  /** Undefined if the body is already decoded. */
  readonly contentEncoding: string | undefined;
}

/** A source that has been opened for reading. */
export interface OpenedSource {
  readonly reader: ChunkReader;
  /** Undefined for bare bytes. */
  readonly head: ResponseHead | undefined;
  readonly url: string | undefined;
  readonly sentAtMs: number | undefined;
  readonly headersAtMs?: number | undefined;
  readonly dialect: Dialect;
  readonly jobId: string | undefined;
  readonly request: ExecuteBody | undefined;
  readonly logTail: () => readonly string[];
  readonly findExit?: (() => Promise<string | undefined>) | undefined;
  readonly refusalHint?: string | undefined;
  readonly deadline?: AbortSignal | undefined;
  readonly onCollected?: ((stream: CollectedStream) => void) | undefined;
}

/** A source's own timeouts; most have none. */
export function findOwnTimeouts(source: StreamSource): StreamTimeouts {
  return isStreamResponse(source) ? (source.timeouts ?? {}) : {};
}

const usedResponses = new WeakSet();

/**
 * Opens a source for reading; a response can be opened once.
 *
 * @param dialect for a source that does not name its own.
 * @throws {INVALID_OPTION} not a source, or a response that was already read.
 */
export function openSource(source: StreamSource, dialect: Dialect = orcd): OpenedSource {
  const candidate: unknown = source;
  if (isStreamResponse(candidate)) return openStreamResponse(candidate, dialect);
  if (isWhatwgResponse(candidate)) return openWhatwgResponse(candidate, dialect);
  if (isReadableStream(candidate)) return openReadableStream(candidate, dialect);
  if (isAsyncIterable(candidate)) return openIterable(candidate, dialect);
  throw reject(describe(candidate));
}

function openStreamResponse(response: StreamResponse, fallback: Dialect): OpenedSource {
  if (usedResponses.has(response)) throw reject("a response whose body was already read");
  usedResponses.add(response);
  const reader = fromIterable(response.body, (reason) => response.abort(reason));
  const { status, headers, url, sentAtMs, headersAtMs, dialect = fallback, jobId, request } = response;
  const { logTail = noLog, findExit, refusalHint, deadline, onCollected } = response;
  const job = { dialect, jobId, request, sentAtMs, headersAtMs };
  const head = { status, contentType: headers["content-type"], contentEncoding: headers["content-encoding"] };
  return { reader, head, url, ...job, logTail, findExit, refusalHint, deadline, onCollected };
}

function openWhatwgResponse(response: Response, dialect: Dialect): OpenedSource {
  if (response.bodyUsed) throw reject("a Response whose body was already read");
  if (response.body?.locked === true) throw reject("a Response whose body is locked by another reader");
  const reader = fromReadableStream(response.body);
  const contentType = response.headers.get("content-type") ?? undefined;
  const head = { status: response.status, contentType, contentEncoding: undefined };
  return { ...bare(reader, dialect), head, url: response.url === "" ? undefined : response.url };
}

function openReadableStream(stream: ReadableStream<Uint8Array>, dialect: Dialect): OpenedSource {
  if (stream.locked) throw reject("a ReadableStream that is locked by another reader");
  return bare(fromReadableStream(stream), dialect);
}

function openIterable(iterable: AsyncIterable<Uint8Array>, dialect: Dialect): OpenedSource {
  if ("readableDidRead" in iterable && iterable.readableDidRead === true) {
    throw reject("a stream that was already read");
  }
  return bare(fromIterable(iterable), dialect);
}

function bare(reader: ChunkReader, dialect: Dialect): OpenedSource {
  const unknown = { head: undefined, url: undefined, sentAtMs: undefined, jobId: undefined, request: undefined };
  return { reader, dialect, ...unknown, logTail: noLog };
}

const noLog = (): readonly string[] => [];

function isStreamResponse(value: unknown): value is StreamResponse {
  return isObject(value) && value["kind"] === "inference-stream-response";
}

/** Checked by shape, to accept undici's own class and other realms. */
function isWhatwgResponse(value: unknown): value is Response {
  return (
    isObject(value) &&
    typeof value["status"] === "number" &&
    typeof value["bodyUsed"] === "boolean" &&
    isObject(value["headers"]) &&
    typeof value["headers"]["get"] === "function"
  );
}

function isReadableStream(value: unknown): value is ReadableStream<Uint8Array> {
  return isObject(value) && typeof value["getReader"] === "function";
}

function isAsyncIterable(value: unknown): value is AsyncIterable<Uint8Array> {
  return isObject(value) && typeof (value as { [Symbol.asyncIterator]?: unknown })[Symbol.asyncIterator] === "function";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function reject(got: string): InvalidOptionError {
  return new InvalidOptionError({
    message: `Expected \`source\` to be an unread response of execute(), an unread Response or an async iterable of bytes, got ${got}`,
  });
}

function describe(value: unknown): string {
  if (typeof value === "string") return "a string";
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value !== "object") return `a ${typeof value}`;
  if (value instanceof Promise) return "a Promise (is an `await` missing?)";
  return `an object of class ${(value as { constructor?: { name: string } }).constructor?.name ?? "unknown"}`;
}
