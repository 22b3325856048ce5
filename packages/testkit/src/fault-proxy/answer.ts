import type { IncomingMessage } from "node:http";
import { withoutHeaders } from "./headers.js";
import { NO_BYTES, type Ending, type Pieces } from "./pieces.js";
import { isStreamContentType, type Dialect } from "../dialects/index.js";
import { StreamSplitter } from "./stream-splitter.js";

/** Status line and headers of a response. */
export interface AnswerHead {
  readonly status: number;
  /** Undefined for the standard one. */
  readonly statusText: string | undefined;
  /** Alternating names and values, as received, without connection headers. */
  readonly headers: readonly string[];
  /** Whether the connection may be reused. */
  readonly keepsConnection: boolean;
}

/** An answer in transit to the client, which faults may still change. */
export interface Answer {
  readonly head: AnswerHead;
  readonly pieces: Pieces;
}

/** A worker's answer and its dialect. */
export interface WorkerAnswer {
  readonly incoming: IncomingMessage;
  readonly dialect: Dialect;
}

/** Belong to one connection, not to the message (RFC 9110, 7.6.1). */
export const CONNECTION_HEADERS = ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"];

/** The head of the worker's answer. */
export function readHead({ statusCode = 502, statusMessage, rawHeaders, headers }: IncomingMessage): AnswerHead {
  return {
    status: statusCode,
    statusText: statusMessage,
    headers: withoutHeaders(rawHeaders, CONNECTION_HEADERS),
    keepsConnection: headers.connection?.toLowerCase() !== "close",
  };
}

/**
 * Returns the error of the request; called when the body has ended. For a body without a length or chunks, Node reports a reset only to
 * the request, and to the body an end.
 */
export type FindError = () => Error | undefined;

interface AnswerReading {
  readonly findError: FindError;
  /** How an error of the worker's connection ends that of the client. */
  readonly toEnding: (error: unknown) => Ending;
}

/** The worker's answer in pieces. Its length is left out, because faults may change it. */
export function readAnswer(answer: WorkerAnswer, reading: AnswerReading): Answer {
  const head = readHead(answer.incoming);
  const headers = withoutHeaders(head.headers, ["content-length"]);
  return { head: { ...head, headers }, pieces: readPieces(answer, reading) };
}

/** Whether a response is a stream of the dialect. */
export function isEventStream({ headers }: AnswerHead, dialect: Dialect): boolean {
  const at = headers.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === "content-type");
  return at !== -1 && isStreamContentType(dialect, headers[at + 1]);
}

async function* readPieces({ incoming, dialect }: WorkerAnswer, { findError, toEnding }: AnswerReading): Pieces {
  const splitter = isEventStream(readHead(incoming), dialect) ? new StreamSplitter(dialect) : undefined;
  try {
    for await (const chunk of incoming) yield* splitter?.split(chunk as Buffer) ?? [{ bytes: chunk as Buffer }];
    const error = findError();
    if (error !== undefined) throw error;
  } catch (error) {
    yield { bytes: NO_BYTES, ending: toEnding(error) };
  }
}
