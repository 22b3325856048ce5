import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { CORRELATION_ID_HEADER, InvalidRequestError, stringifyJson, WorkerError } from "inference-worker-protocol";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Seconds a client should wait before a retry, for errors where a retry helps. */
export const RETRY_AFTER_SECONDS = 1;

/** Maximum length of a message, which may quote what was sent. */
const MAX_MESSAGE_CHARACTERS = 2_000;

/** Uses the client's correlation id if it is a UUID, else a new one; every response has it. */
export function correlate(request: IncomingMessage, response: ServerResponse): string {
  const given = request.headers[CORRELATION_ID_HEADER];
  const id = typeof given === "string" && UUID.test(given) ? given : randomUUID();
  response.setHeader(CORRELATION_ID_HEADER, id);
  return id;
}

/** Answers with a JSON body. */
export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  const text = stringifyJson(body);
  const length = Buffer.byteLength(text);
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", "content-length": length });
  response.end(text);
}

/** Answers a failed request: all field errors of a 400, or `{code, message, retriable}`. */
export function answerError(response: ServerResponse, cause: unknown): void {
  if (cause instanceof InvalidRequestError) {
    answerJson(response, 400, { errors: cause.errors });
    return;
  }
  const error = cause instanceof WorkerError ? cause : new WorkerError("INTERNAL", "unexpected failure", { cause });
  setErrorHeaders(response, error);
  const { message, ...body } = error.toBody();
  const shown = message.length > MAX_MESSAGE_CHARACTERS ? `${message.slice(0, MAX_MESSAGE_CHARACTERS)}…` : message;
  answerJson(response, error.info.status, { ...body, message: shown });
}

/** Headers that describe what a client may do after a failure. */
export function setErrorHeaders(response: ServerResponse, error: unknown): void {
  if (!(error instanceof WorkerError)) return;
  if (error.info.retriable) response.setHeader("retry-after", RETRY_AFTER_SECONDS);
  const allow = error.details["allow"];
  if (typeof allow === "string") response.setHeader("allow", allow);
}
