import { describeContentType, isStreamContentType, recognizeBody } from "../dialects/index.js";
import { HttpFailedError, InvalidResponseError } from "../errors/index.js";
import type { ChunkReader } from "./chunk-reader.js";
import type { OpenedSource, ResponseHead } from "./stream-source.js";
import { findWholeDecoder, isWholeAnswer } from "./whole-answer.js";

const BODY_START_BYTES = 4096;
const BODY_START_TIMEOUT_MS = 2_000;

/**
 * Rejects a response that is not an event stream; the error includes the start of its body.
 *
 * @throws {HTTP_FAILED} a status other than 200.
 * @throws {INVALID_RESPONSE} a content type that is not the dialect's, or a compressed body.
 */
export async function validateResponse(source: OpenedSource): Promise<void> {
  const { head, dialect } = source;
  if (head === undefined) return;
  const isExpected = findWholeDecoder(source)
    ? isWholeAnswer(source, head.contentType)
    : isStreamContentType(dialect, head.contentType);
  if (head.status === 200 && isExpected && isPlain(head)) return;
  const body = await readBodyStart(source.reader);
  throw createResponseError(source, head, body);
}

function createResponseError(source: OpenedSource, head: ResponseHead, body: string): Error {
  const { status, contentType } = head;
  const details = { url: source.url, status, contentType: contentType ?? "none", body: body === "" ? "empty" : body };
  const logTail = source.logTail();
  if (status !== 200) {
    const message = `Expected an event stream, got HTTP ${status}`;
    return new HttpFailedError({ message, hint: source.refusalHint, details, logTail });
  }
  if (!isPlain(head)) {
    const message = `Expected a body that is not compressed, as requested, got \`content-encoding: ${head.contentEncoding}\``;
    return new InvalidResponseError({ message, details: { url: source.url, status, contentType }, logTail });
  }
  const got = contentType === undefined ? "a body without a content type" : `\`${contentType}\``;
  return new InvalidResponseError({
    message: `Expected \`${findWholeDecoder(source) ? "application/json" : describeContentType(source.dialect)}\`, got ${got}`,
    hint: hintAt(recognizeBody(body), source),
    details,
    logTail,
  });
}

function hintAt(dialect: string | undefined, { dialect: { name } }: OpenedSource): string | undefined {
  return dialect === undefined || dialect === name
    ? undefined
    : `This looks like the dialect \`${dialect}\`: try \`dialect: "${dialect}"\`.`;
}

function isPlain(head: ResponseHead): boolean {
  return head.contentEncoding === undefined || head.contentEncoding.trim().toLowerCase() === "identity";
}

/** Up to 4 KiB, or whatever arrived within 2 s. */
async function readBodyStart(reader: ChunkReader): Promise<string> {
  const chunks: Uint8Array[] = [];
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, BODY_START_TIMEOUT_MS);
  });
  // If the body breaks off, what arrived is shown.
  await Promise.race([readInto(chunks, reader).catch(() => undefined), expired]);
  clearTimeout(timer);
  reader.abort(new Error("The response is not an event stream"));
  const bytes = Buffer.concat(chunks);
  const text = new TextDecoder().decode(bytes.subarray(0, BODY_START_BYTES));
  return bytes.length > BODY_START_BYTES ? `${text}…` : text;
}

async function readInto(chunks: Uint8Array[], reader: ChunkReader): Promise<void> {
  let size = 0;
  while (size <= BODY_START_BYTES) {
    const chunk = await reader.next();
    if (chunk === undefined) return;
    chunks.push(chunk);
    size += chunk.byteLength;
  }
}
