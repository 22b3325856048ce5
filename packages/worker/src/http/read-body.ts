import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { NumberTooLongError, parseJson, REQUEST_LIMITS, WorkerError } from "inference-worker-protocol";

/** How long to wait for the rest of a rejected body. */
const LINGER_MS = 1_000;

/**
 * Reads a request body as a JSON object.
 *
 * @throws {WorkerError} UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE, INVALID_REQUEST
 */
export async function readJsonObject(request: IncomingMessage): Promise<Record<string, unknown>> {
  requireJsonContentType(request);
  const value = parse(await readLimited(request));
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new WorkerError("INVALID_REQUEST", "the body must be a JSON object");
}

/**
 * Reads and discards the rest of a rejected body, so that the next request on the connection can be read. A response that
 * closes the connection must wait for it: closing while the client is still writing would reset the connection, and the
 * client would see the reset instead of the response.
 */
export async function skipRestOfBody(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return;
  const done = new AbortController();
  const { signal } = done;
  const ended = ["end", "close"].map((event) => once(request, event, { signal }));
  request.resume();
  await Promise.race([...ended, delay(LINGER_MS, undefined, { signal })]).catch(() => undefined);
  done.abort();
}

/**
 * Required for every POST, even without a body: a page of another origin can send any other POST without a preflight.
 *
 * @throws {WorkerError} UNSUPPORTED_MEDIA_TYPE
 */
export function requireJsonContentType(request: IncomingMessage): void {
  const type = request.headers["content-type"];
  if (type !== undefined && isJsonInUtf8(type)) return;
  const got = type === undefined ? "no content type" : `\`${type}\``;
  throw new WorkerError("UNSUPPORTED_MEDIA_TYPE", `expected application/json in UTF-8, got ${got}`);
}

/** Parameters other than the charset are ignored. */
function isJsonInUtf8(contentType: string): boolean {
  const [type, ...parameters] = contentType
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
  const charset = parameters.find((parameter) => parameter.startsWith("charset"));
  return type === "application/json" && (charset === undefined || /^charset ?= ?"?utf-?8"?$/.test(charset));
}

async function readLimited(request: IncomingMessage): Promise<Buffer> {
  const { maxBodyBytes } = REQUEST_LIMITS;
  const tooLarge = () => new WorkerError("PAYLOAD_TOO_LARGE", `the body exceeds ${maxBodyBytes} bytes`);
  if (Number(request.headers["content-length"] ?? 0) > maxBodyBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBodyBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parse(body: Buffer): unknown {
  try {
    return parseJson(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (cause) {
    if (cause instanceof NumberTooLongError) throw new WorkerError("INVALID_REQUEST", cause.message, { cause });
    // V8 quotes the text around the failure, which may be the prompt, and that is never repeated.
    const position = /at position \d+/.exec((cause as Error).message)?.[0];
    const where = position === undefined ? "" : ` (${position})`;
    throw new WorkerError("INVALID_REQUEST", `the body is not JSON in UTF-8${where}`, { cause });
  }
}
