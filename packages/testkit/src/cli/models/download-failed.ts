import { ModelError } from "../../errors/index.js";

/** What is known about a failed download. */
export interface DownloadFailure {
  readonly url: string;
  readonly reason: string;
  readonly hint?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** Creates the error for any failed download. */
export function createDownloadFailed({ url, reason, hint, details, cause }: DownloadFailure): ModelError {
  const message = `The download failed: ${reason}`;
  return new ModelError("DOWNLOAD_FAILED", { message, hint, details: { url, ...details }, cause });
}

/** Describes an error of the downloader, or of `fetch`, whose reason is in its cause. */
export function describeNetworkError(error: unknown): string {
  const { message, cause, name } = error as Error & { cause?: unknown };
  if (name === "TimeoutError") return "the server did not answer in time";
  const code = (cause as { code?: string } | undefined)?.code;
  const reason = (cause as Error | undefined)?.message;
  if (code === "ECONNREFUSED") return "connection refused (ECONNREFUSED)";
  return [message, reason].filter((part) => part !== undefined && part !== "").join(": ");
}
