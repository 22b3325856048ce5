import type { IncomingMessage } from "node:http";
import { WorkerError } from "inference-worker-protocol";

/** The path without the query; clients of a proxy send the whole URL (RFC 9112, absolute form). */
export function pathOf(request: IncomingMessage): string {
  const target = (request.url ?? "").replace(/^https?:\/\/[^/?]*/i, "");
  return target.split("?", 1)[0] ?? "/";
}

/**
 * Decodes a percent-encoded name.
 *
 * @param what what it is, for the message.
 * @throws {WorkerError} INVALID_REQUEST
 */
export function decodeName(encoded: string, what: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch (cause) {
    throw new WorkerError("INVALID_REQUEST", `the ${what} is not percent-encoded UTF-8`, { cause });
  }
}
