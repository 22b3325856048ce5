import { createDownloadFailed, describeNetworkError } from "./download-failed.js";

/** What a server says about a file before it is downloaded. */
export interface ServerFacts {
  /** SHA-256 of the file, if the server names it as Hugging Face does, in `x-linked-etag` of its redirect. */
  readonly sha256: string | undefined;
}

/** Servers that do not know HEAD; whether they have the file, the download will tell. */
const HEAD_IS_UNKNOWN = new Set([405, 501]);

/**
 * Asks for a file without downloading it. The downloader itself tries for more than ten minutes when nobody answers, so what
 * is wrong from the start has to be found here.
 *
 * @throws {DOWNLOAD_FAILED} nobody answers in time, or the status is an error.
 */
export async function askServer(url: string, timeoutMs: number): Promise<ServerFacts> {
  const { status, statusText, headers } = await head(url, timeoutMs);
  if (status >= 400 && !HEAD_IS_UNKNOWN.has(status)) {
    throw createDownloadFailed({ url, reason: `HTTP status ${status} ${statusText}`, details: { status } });
  }
  const named = /^(?:W\/)?"?([0-9a-f]{64})"?$/i.exec(headers.get("x-linked-etag") ?? "")?.[1];
  return { sha256: named?.toLowerCase() };
}

async function head(url: string, timeoutMs: number): Promise<Response> {
  try {
    // The redirect itself carries the header; the place it points to does not.
    return await fetch(url, { method: "HEAD", redirect: "manual", signal: AbortSignal.timeout(timeoutMs) });
  } catch (cause) {
    throw createDownloadFailed({ url, reason: describeNetworkError(cause), cause });
  }
}
