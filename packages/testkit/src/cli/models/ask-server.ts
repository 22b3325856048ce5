import { createDownloadFailed, describeNetworkError } from "./download-failed.js";

/** What a server says about a file before it is downloaded. */
export interface ServerFacts {
  /** SHA-256 of the file, if the server names it as Hugging Face does, in `x-linked-etag` of its redirect. */
  readonly sha256: string | undefined;
}

/**
 * Asks for a file without downloading it. The downloader itself tries for more than ten minutes when nobody answers, so what
 * is wrong from the start has to be found here.
 *
 * @throws {DOWNLOAD_FAILED} nobody answers in time, or the status is an error.
 */
export async function askServer(url: string, timeoutMs: number): Promise<ServerFacts> {
  // The redirect itself carries the header; the place it points to does not.
  const { headers } = await ask(url, timeoutMs, { method: "HEAD", redirect: "manual" });
  // Some servers know no HEAD, and some places that redirects point to allow GET only: the status is that of GET.
  const { status, statusText, body } = await ask(url, timeoutMs, { headers: { range: "bytes=0-0" } });
  await body?.cancel();
  if (status >= 400) {
    throw createDownloadFailed({ url, reason: `HTTP status ${status} ${statusText}`, details: { status } });
  }
  const named = /^"?([0-9a-f]{64})"?$/i.exec(headers.get("x-linked-etag") ?? "")?.[1];
  return { sha256: named?.toLowerCase() };
}

async function ask(url: string, timeoutMs: number, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...request, signal: AbortSignal.timeout(timeoutMs) });
  } catch (cause) {
    throw createDownloadFailed({ url, reason: describeNetworkError(cause), cause });
  }
}
