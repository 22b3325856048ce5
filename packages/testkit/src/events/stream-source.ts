import { InvalidOptionError } from "../errors/index.js";
import type { StreamLimits } from "./limits.js";
import type { CollectedStream } from "./outcome.js";
import { fromIterable, fromReadableStream, type ChunkReader } from "./chunk-reader.js";

/** The answer to an execute request as the framework's client hands it over; its body is read once. */
export interface StreamResponse {
  readonly kind: "inference-stream-response";
  readonly status: number;
  /** Names are lower-case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
  readonly url: string;
  /** When the request was sent, on the clock of `performance.now()`. */
  readonly sentAtMs?: number | undefined;
  /** The `job_id` of the request: a stream of another job is an error. */
  readonly jobId?: string | undefined;
  /** Limits for reading this stream; those of the reading call win. */
  readonly limits?: StreamLimits | undefined;
  /** Cuts the connection; may be called at any time, also twice. */
  abort(reason?: unknown): void;
  /** The last log lines of the worker, for error messages. */
  readonly logTail?: (() => readonly string[]) | undefined;
  /** After a broken connection: how the process that answered has ended, in one clause; `undefined` if it has not. Never rejects. */
  readonly findExit?: (() => Promise<string | undefined>) | undefined;
  /** Told once, when reading has ended, what the reader of the stream is told. Must not throw. */
  readonly onCollected?: ((stream: CollectedStream) => void) | undefined;
}

/** Anything that carries the bytes of an event stream: `execute()`'s answer, a WHATWG `Response`, or the bytes themselves. */
export type StreamSource = StreamResponse | Response | AsyncIterable<Uint8Array>;

/** Status line and headers, for sources that have them. */
export interface ResponseHead {
  readonly status: number;
  readonly contentType: string | undefined;
  /** Undefined where the body is decoded already. */
  readonly contentEncoding: string | undefined;
}

/** A source that has been opened for reading. */
export interface OpenedSource {
  readonly reader: ChunkReader;
  /** Undefined for bare bytes. */
  readonly head: ResponseHead | undefined;
  readonly url: string | undefined;
  readonly sentAtMs: number | undefined;
  readonly jobId: string | undefined;
  readonly logTail: () => readonly string[];
  readonly findExit?: (() => Promise<string | undefined>) | undefined;
  readonly onCollected?: ((stream: CollectedStream) => void) | undefined;
}

/** The limits that a source brings along; none for most. */
export function findOwnLimits(source: StreamSource): StreamLimits {
  return isStreamResponse(source) ? (source.limits ?? {}) : {};
}

const usedResponses = new WeakSet();

/**
 * Takes hold of a source; a response can be taken once.
 *
 * @throws {INVALID_OPTION} something else than a source, or a response that was already read.
 */
export function openSource(source: StreamSource): OpenedSource {
  const candidate: unknown = source;
  if (isStreamResponse(candidate)) return openStreamResponse(candidate);
  if (isWhatwgResponse(candidate)) return openWhatwgResponse(candidate);
  if (isReadableStream(candidate)) return openReadableStream(candidate);
  if (isAsyncIterable(candidate)) return openIterable(candidate);
  throw reject(describe(candidate));
}

function openStreamResponse(response: StreamResponse): OpenedSource {
  if (usedResponses.has(response)) throw reject("a response whose body was already read");
  usedResponses.add(response);
  const reader = fromIterable(response.body, (reason) => response.abort(reason));
  const { status, headers, url, sentAtMs, jobId, logTail = noLog, findExit, onCollected } = response;
  const head = { status, contentType: headers["content-type"], contentEncoding: headers["content-encoding"] };
  return { reader, head, url, sentAtMs, jobId, logTail, findExit, onCollected };
}

function openWhatwgResponse(response: Response): OpenedSource {
  if (response.bodyUsed) throw reject("a Response whose body was already read");
  if (response.body?.locked === true) throw reject("a Response whose body is locked by another reader");
  const reader = fromReadableStream(response.body);
  const contentType = response.headers.get("content-type") ?? undefined;
  const head = { status: response.status, contentType, contentEncoding: undefined };
  return { ...bare(reader), head, url: response.url === "" ? undefined : response.url };
}

function openReadableStream(stream: ReadableStream<Uint8Array>): OpenedSource {
  if (stream.locked) throw reject("a ReadableStream that is locked by another reader");
  return bare(fromReadableStream(stream));
}

function openIterable(iterable: AsyncIterable<Uint8Array>): OpenedSource {
  if ("readableDidRead" in iterable && iterable.readableDidRead === true) {
    throw reject("a stream that was already read");
  }
  return bare(fromIterable(iterable));
}

function bare(reader: ChunkReader): OpenedSource {
  return { reader, head: undefined, url: undefined, sentAtMs: undefined, jobId: undefined, logTail: noLog };
}

const noLog = (): readonly string[] => [];

function isStreamResponse(value: unknown): value is StreamResponse {
  return isObject(value) && value["kind"] === "inference-stream-response";
}

/** By shape: undici's own class and other realms are welcome. */
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
