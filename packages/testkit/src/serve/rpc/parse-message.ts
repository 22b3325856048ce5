import { parseJson } from "inference-worker-protocol";
import { preview } from "inference-worker-protocol/validation";
import { isRecord } from "../../options/index.js";
import { RpcError } from "./rpc-error.js";

/** The id of a call. */
export type CallId = string | number;

/** A call, or a notification if it has no id. */
export interface Message {
  readonly id: CallId | undefined;
  readonly method: string;
  readonly params: unknown;
}

/** A message that cannot be dispatched, and the id to answer to, if it has a usable one. */
export class InvalidMessageError extends Error {
  readonly id: CallId | null;
  readonly reason: RpcError;

  constructor(id: CallId | null, reason: RpcError) {
    super(reason.message);
    this.id = id;
    this.reason = reason;
  }
}

/** Deeper than any message; a parser needs far more memory for nested arrays than for text. */
const DEEPEST = 200;
const LONGEST_ID = 200;
const MEMBERS = ["jsonrpc", "id", "method", "params"];

/** @throws {InvalidMessageError} */
export function parseMessage(bytes: Uint8Array): Message {
  const value = parseLine(bytes);
  if (Array.isArray(value)) throw invalid(null, "Expected a JSON object, got an array: batches are not supported");
  if (!isRecord(value)) throw invalid(null, `Expected a JSON object, got ${preview(value)}`);
  const id = readId(value);
  const answerTo = id ?? null;
  const { jsonrpc, method, params } = value;
  if (jsonrpc !== "2.0") throw invalid(answerTo, `Expected \`jsonrpc\` to be "2.0", got ${preview(jsonrpc)}`);
  if (typeof method !== "string") {
    throw invalid(answerTo, `Expected \`method\` to be a string, got ${preview(method)}`);
  }
  const unknown = Object.keys(value).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) {
    throw invalid(answerTo, `Expected a request to have members among ${MEMBERS.join(", ")}, got ${preview(unknown)}`);
  }
  return { id, method, params: params ?? {} };
}

function parseLine(bytes: Uint8Array): unknown {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    checkDepth(bytes);
    return parseJson(text);
  } catch (error) {
    const { message } = error as Error;
    throw new InvalidMessageError(
      null,
      new RpcError("PARSE_ERROR", `Expected a line of JSON, got an invalid one: ${message}`),
    );
  }
}

const [QUOTE, BACKSLASH, OPEN, CLOSE, OPEN_OBJECT, CLOSE_OBJECT] = Buffer.from('"\\[]{}');

function checkDepth(bytes: Uint8Array): void {
  let depth = 0;
  let isText = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (isText) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) isText = false;
    } else if (byte === QUOTE) isText = true;
    else if (byte === OPEN || byte === OPEN_OBJECT) depth += 1;
    else if (byte === CLOSE || byte === CLOSE_OBJECT) depth -= 1;
    if (depth > DEEPEST) throw new SyntaxError(`values are nested more than ${DEEPEST} levels deep`);
  }
}

function readId(value: Readonly<Record<string, unknown>>): CallId | undefined {
  if (!Object.hasOwn(value, "id")) return undefined;
  const { id } = value;
  if (typeof id === "string" && id.length <= LONGEST_ID) return id;
  if (Number.isSafeInteger(id)) return id as number;
  throw invalid(
    null,
    `Expected \`id\` to be a whole number, or a string of at most ${LONGEST_ID} characters, got ${preview(id)}`,
  );
}

function invalid(id: CallId | null, message: string): InvalidMessageError {
  return new InvalidMessageError(id, new RpcError("INVALID_REQUEST", message));
}
