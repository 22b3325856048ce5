import { createDownloadFailed, describeNetworkError } from "./download-failed.js";

/** What a server says about a file before it is downloaded. */
export interface ServerFacts {
  /** SHA-256 of the file, if the server names it as Hugging Face does, in `x-linked-etag` of its redirect. */
  readonly sha256: string | undefined;
  readonly totalBytes: number;
  /** Changes whenever the file does; undefined if the server has nothing of the kind. */
  readonly validator: string | undefined;
  /** Whether a part of the file can be asked for. */
  readonly knowsRanges: boolean;
}

/**
 * Asks for a file without downloading it: what is wrong from the start is found here, before anything is written.
 *
 * @throws {DOWNLOAD_FAILED} nobody answers in time, the status is an error, or the server does not report the size of the file.
 */
export async function askServer(url: string, timeoutMs: number): Promise<ServerFacts> {
  // The redirect itself carries the header; the place it points to does not.
  const { headers } = await ask(url, timeoutMs, { method: "HEAD", redirect: "manual" });
  // Some servers know no HEAD, and some places that redirects point to allow GET only: the status is that of GET.
  const response = await ask(url, timeoutMs, { headers: { ...AS_IT_IS, range: "bytes=0-0" } });
  await response.body?.cancel();
  const { status, statusText } = response;
  if (!hasFile(response)) {
    throw createDownloadFailed({ url, reason: `HTTP status ${status} ${statusText}`, details: { status } });
  }
  const totalBytes = readTotalBytes(response);
  // Without the size, an answer that was cut cannot be told from a whole one.
  if (totalBytes === undefined) {
    throw createDownloadFailed({ url, reason: "the server does not report the size of the file" });
  }
  const named = /^"?([0-9a-f]{64})"?$/i.exec(headers.get("x-linked-etag") ?? "")?.[1];
  return {
    ...{ sha256: named?.toLowerCase(), totalBytes },
    ...{ validator: readValidator(response), knowsRanges: status === 206 },
  };
}

/** Compressed, a body has another length than the file. */
export const AS_IT_IS = { "accept-encoding": "identity" } as const;

/** Whether the body is the file or a part of it: what a redirect without a target or a 304 brings is neither. */
export function hasFile({ status }: Response): boolean {
  return status === 200 || status === 206;
}

/** The size of the whole file, of the answer to a question for all or for a part of it. */
export function readTotalBytes({ status, headers }: Response): number | undefined {
  if ((headers.get("content-encoding") ?? "identity") !== "identity") return undefined;
  const text =
    status === 206 ? /\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1] : headers.get("content-length");
  const totalBytes = Number(text ?? NaN);
  return Number.isSafeInteger(totalBytes) && totalBytes > 0 ? totalBytes : undefined;
}

/** A weak entity tag stays the same for files that differ in some bytes. */
export function readValidator({ headers }: Response): string | undefined {
  const tag = headers.get("etag");
  return tag?.startsWith('"') === true ? tag : (headers.get("last-modified") ?? undefined);
}

async function ask(url: string, timeoutMs: number, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...request, signal: AbortSignal.timeout(timeoutMs) });
  } catch (cause) {
    throw createDownloadFailed({ url, reason: describeNetworkError(cause), cause });
  }
}
