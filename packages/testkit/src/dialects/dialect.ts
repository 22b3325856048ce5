import type { CancelAnswer, ExecuteRequest, Health } from "inference-worker-protocol";
import type { InferenceEvent } from "./events.js";

/** What `execute()` takes: a typed request, or anything that JSON can carry, to test how a worker refuses it. */
export type ExecuteBody = ExecuteRequest | Readonly<Record<string, unknown>>;

/** How busy a server is, as far as it says so. */
export interface Slots {
  readonly busy: number;
  /** Absent if the server does not report it. */
  readonly queued?: number | undefined;
  readonly total?: number | undefined;
}

/** One message of a stream, without its framing: a Server-Sent Event, or a line of NDJSON as its `data`. */
export interface WireMessage {
  /** The `event` field; undefined, which means `message`, if there was none or an empty one. */
  readonly event?: string | undefined;
  /** The `data` lines, joined with LF; may be empty. */
  readonly data: string;
  /** The last `id` so far, also of an earlier message; undefined if there was none. */
  readonly id?: string | undefined;
}

/** A request as it is sent. */
export interface EncodedRequest {
  readonly path: string;
  /** Names in lower case. The caller's own headers override them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What is known about the server when a request is encoded. */
export interface EncodingContext {
  /** The model to ask, unless the request names one; undefined if the server did not list any. */
  readonly model?: string | undefined;
}

/** The request whose answer is decoded, as far as it is known. */
export interface DecoderContext {
  readonly jobId: string | undefined;
  readonly request: ExecuteBody | undefined;
}

/** Translates the messages of one stream to events. Stateful; one per stream. */
export interface EventDecoder {
  /** Events that the response headers imply. Their time is the start of the reading. */
  begin?(): readonly InferenceEvent[];
  /**
   * The events of one message; none for a message that has none.
   *
   * @throws {InvalidEventError} the message is not part of the dialect; {@link ForeignJobError} if it belongs to another job.
   */
  push(message: WireMessage): readonly InferenceEvent[];
  /** Whether a marker such as `[DONE]` has ended the stream. Nothing after it is read. */
  readonly isDone: boolean;
  /**
   * The body has ended without a marker. Returns the events that this completes, or why the stream is incomplete.
   */
  end?(): readonly InferenceEvent[] | { readonly problem: string };
}

/** A request other than a job, and how its answer is read. */
export interface Endpoint<Answer> {
  readonly path: string;
  /** Statuses whose body is the answer. Every other one is an error. */
  readonly accepts: readonly number[];
  /** @throws an error whose message says what is wrong with the answer. */
  readonly parse: (body: string) => Answer;
}

/** How a job is cancelled by a request. */
export interface CancelEndpoint extends Omit<Endpoint<CancelAnswer>, "path"> {
  readonly encode: (jobId: string) => { readonly path: string; readonly body?: string | undefined };
}

/** A refusal in the words of this framework. */
export interface DecodedError {
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly retriable: boolean | undefined;
}

/** How a stream is cut into messages: Server-Sent Events, or lines of JSON. */
export type Framing = "sse" | "ndjson";

/** What a server of the dialect can do. */
export interface DialectCapabilities {
  readonly framing: Framing;
  /** The messages are this framework's events: a recording of the events needs no bytes beside them. @default the bytes are recorded, too */
  readonly hasPlainEvents?: boolean | undefined;
  /** Fields of a request that it cannot carry: `encodeRequest` refuses them, unless their value changes nothing. */
  readonly refused?: readonly string[] | undefined;
  /** The text ends with the stop sequence that ended it. @default it ends before the sequence */
  readonly keepsStop?: boolean | undefined;
}

/**
 * Translates between the framework's events and what a server speaks: data and pure functions, no sockets. What a server does not have
 * is left out. The guide "Other servers" shows a complete one.
 */
export interface Dialect {
  readonly name: string;
  readonly capabilities: DialectCapabilities;
  /** Paths that run a job by POST. Faults, recordings and proxies recognize jobs by them. */
  readonly executePaths: readonly string[];
  /** @throws {INVALID_OPTION} a field that the dialect cannot carry. */
  readonly encodeRequest: (request: ExecuteBody, context: EncodingContext) => EncodedRequest;
  readonly createDecoder: (context: DecoderContext) => EventDecoder;
  /** The events of an answer that was not streamed, because the request has `extraBody: { stream: false }`. Throws as `push` does. */
  readonly decodeAnswer?: ((answer: unknown, context: DecoderContext) => readonly InferenceEvent[]) | undefined;
  /** What a status other than 200 means; absent: nothing but the status is known. */
  readonly decodeError?: ((refusal: { readonly status: number; readonly body: unknown }) => DecodedError) | undefined;
  /** Which job a request on the wire is for, by its body or its headers; absent: the wire does not carry the id. */
  readonly findJobId?: ((body: unknown, headers: Readonly<Record<string, unknown>>) => string | undefined) | undefined;
  /** Absent: a job is cancelled by closing its connection. */
  readonly cancel?: CancelEndpoint | undefined;
  /** The path that answers 200 once the server can serve; `ready: { kind: "http" }` polls it. */
  readonly ready?: { readonly path: string } | undefined;
  /** Returns the id that the server was given, to distinguish it from another one. `undefined` if the answer has none. */
  readonly identity?: Pick<Endpoint<string | undefined>, "path" | "parse"> | undefined;
  readonly health?: Endpoint<Health> | undefined;
  /** Several: servers differ, and the first one that answers is used. */
  readonly slots?: Endpoint<Slots> | readonly Endpoint<Slots>[] | undefined;
  /** The models that the server has, for dialects whose requests name one. */
  readonly models?: Endpoint<readonly string[]> | undefined;
  /** Prometheus metrics; `tokenCounter` is the counter of generated tokens, or the names it may have. */
  readonly metrics?:
    { readonly path: string; readonly tokenCounter?: string | readonly string[] | undefined } | undefined;
  /** Asks the server to end, by POST; `accepts` are the statuses of consent. */
  readonly shutdown?: { readonly path: string; readonly accepts: readonly number[] } | undefined;
  /** Shortcuts for a proxy, which looks at every byte. */
  readonly inspection?: Inspection | undefined;
}

/** How a proxy recognizes events without decoding them. */
export interface Inspection {
  /** Kinds of the events of a message, also of one that is invalid. @default by decoding it */
  readonly nameEvents?: ((message: WireMessage) => readonly string[]) | undefined;
  /** How most messages begin that carry exactly one token, up to a line end. */
  readonly tokenPrefix?: string | undefined;
  /** Ends where the text of a token begins. @default faults inside of a text do not fire */
  readonly textStart?: RegExp | undefined;
}

/** The stream belongs to another job than the one that was requested. */
export class ForeignJobError extends Error {
  override readonly name = "InvalidEventError";
  readonly foreignJobId: string;

  constructor(foreignJobId: string, jobId: string) {
    const [got, wanted] = [JSON.stringify(foreignJobId), JSON.stringify(jobId)];
    super(`the stream is that of job ${got}, the request was job ${wanted}`);
    this.foreignJobId = foreignJobId;
  }
}

const CONTENT_TYPES: Readonly<Record<Framing, readonly string[]>> = {
  sse: ["text/event-stream"],
  ndjson: ["application/x-ndjson", "application/jsonl", "application/json"],
};

/** The media type of a stream, as messages show it. */
export function describeContentType({ capabilities }: Dialect): string {
  return CONTENT_TYPES[capabilities.framing][0] as string;
}

/** Whether a `content-type` announces a stream of the dialect. */
export function isStreamContentType({ capabilities }: Dialect, contentType: string | undefined): boolean {
  const mediaType = contentType?.split(";", 1)[0]?.trim().toLowerCase();
  return mediaType !== undefined && CONTENT_TYPES[capabilities.framing].includes(mediaType);
}

/** Whether a request runs a job. A query does not matter. */
export function isExecute({ executePaths }: Dialect, method: string, path: string): boolean {
  return method === "POST" && executePaths.includes(path.split("?", 1)[0] ?? "");
}
