import { createDownloadFailed, describeNetworkError } from "./download-failed.js";

/** What a server reports about a file before the download. */
export interface ServerFacts {
  /** SHA-256 of the file, if the server reports it as Hugging Face does, in `x-linked-etag` of its redirect. */
  readonly sha256: string | undefined;
  readonly totalBytes: number;
  /** Changes whenever the file does; undefined if the server has no such value. */
  readonly validator: string | undefined;
  /** Whether a part of the file can be requested. */
  readonly knowsRanges: boolean;
}

/**
 * Requests a file without downloading it, to detect early problems before anything is written.
 *
 * @throws {DOWNLOAD_FAILED} the server does not answer in time, the status is an error, or the server does not report the size
 * of the file.
 */
export async function askServer(url: string, timeoutMs: number): Promise<ServerFacts> {
  // The redirect itself has the header; its target does not.
  const { headers } = await ask(url, timeoutMs, { method: "HEAD", redirect: "manual" });
  // Some servers do not support HEAD, and some redirect targets allow only GET, so the status is that of GET.
  const response = await ask(url, timeoutMs, { headers: { ...AS_IT_IS, range: "bytes=0-0" } });
  await response.body?.cancel();
  const { status, statusText } = response;
  if (!hasFile(response)) {
    throw createDownloadFailed({ url, reason: `HTTP status ${status} ${statusText}`, details: { status } });
  }
  const totalBytes = readTotalBytes(response);
  // Without the size, a truncated answer looks complete.
  if (totalBytes === undefined) {
    throw createDownloadFailed({ url, reason: "the server does not report the size of the file" });
  }
  const named = /^"?([0-9a-f]{64})"?$/i.exec(headers.get("x-linked-etag") ?? "")?.[1];
  return {
    ...{ sha256: named?.toLowerCase(), totalBytes },
    ...{ validator: readValidator(response), knowsRanges: status === 206 },
  };
}

/** A compressed body has a different length than the file. */
export const AS_IT_IS = { "accept-encoding": "identity" } as const;

/** Whether the body is the file or a part of it, unlike that of a redirect without a target or a 304. */
export function hasFile({ status }: Response): boolean {
  return status === 200 || status === 206;
}

/** The size of the whole file, from the answer to a full or a range request. */
export function readTotalBytes({ status, headers }: Response): number | undefined {
  if ((headers.get("content-encoding") ?? "identity") !== "identity") return undefined;
  const text =
    status === 206 ? /\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1] : headers.get("content-length");
  const totalBytes = Number(text ?? NaN);
  return Number.isSafeInteger(totalBytes) && totalBytes > 0 ? totalBytes : undefined;
}

/** A weak entity tag may be the same for files that differ in some bytes. */
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
