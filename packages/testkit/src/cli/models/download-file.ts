import { setTimeout as pause } from "node:timers/promises";
import { formatBytes, formatMs } from "../../numbers/index.js";
import { isTestkitError } from "../../errors/index.js";
import { AS_IT_IS, hasFile, readTotalBytes, readValidator, type ServerFacts } from "./ask-server.js";
import { createDownloadFailed, describeNetworkError } from "./download-failed.js";
import type { PartFile } from "./part-file.js";
import { StallWatch } from "./stall-watch.js";

/** What to download, and the callbacks. */
export interface DownloadJob {
  readonly url: string;
  readonly facts: ServerFacts;
  /** Whether the content is known by its hash; only then may the server's validator change on the way. */
  readonly isHashKnown: boolean;
  readonly part: PartFile;
  readonly stallTimeoutMs: number;
  readonly onProgress: (figures: DownloadFigures) => void;
}

export interface DownloadFigures {
  readonly totalBytes: number;
  readonly receivedBytes: number;
}

/** Gives up after consecutive attempts that receive less than this. */
const LEAST_BYTES = 1024 * 1024;
const MOST_FAILURES = 5;
const FIRST_PAUSE_MS = 100;

/**
 * Downloads the missing part of a file. A broken connection is replaced, and the download resumes where it stopped if the server
 * supports ranges.
 *
 * @throws {DOWNLOAD_FAILED} the server refuses, its file changed, the disk does not accept the bytes, or none arrived for
 * `stallTimeoutMs`.
 */
export async function downloadFile(job: DownloadJob): Promise<void> {
  const { url, part } = job;
  const watch = new StallWatch(job.stallTimeoutMs, () => createStalled(job, part.sizeBytes));
  const stop = new AbortController();
  const receiving = receiveAll(job, stop.signal, watch);
  try {
    await Promise.race([receiving, watch.stalled]);
  } catch (cause) {
    if (isTestkitError(cause)) throw cause;
    throw createDownloadFailed({ url, reason: describeNetworkError(cause), cause });
  } finally {
    watch.stop();
    stop.abort();
    await receiving.catch(() => undefined); // no writes are pending when the caller closes the file
  }
}

async function receiveAll(job: DownloadJob, signal: AbortSignal, watch: StallWatch): Promise<void> {
  const { part, facts } = job;
  for (let failures = 0; part.sizeBytes < facts.totalBytes;) {
    const before = part.sizeBytes;
    try {
      await receive(job, signal, watch);
      if (part.sizeBytes < facts.totalBytes) throw new Error("the connection ended before the file was complete");
    } catch (error) {
      failures = part.sizeBytes - before >= LEAST_BYTES ? 0 : failures + 1;
      if (isTestkitError(error) || signal.aborted || failures >= MOST_FAILURES) throw error;
      await pause(FIRST_PAUSE_MS * 2 ** failures, undefined, { signal });
    }
  }
  await write(job, () => part.sync());
}

/** Reads one answer of the server as far as it arrives. */
async function receive(job: DownloadJob, signal: AbortSignal, watch: StallWatch): Promise<void> {
  const { url, part, facts, onProgress } = job;
  const range = facts.knowsRanges ? { range: `bytes=${part.sizeBytes}-` } : {};
  const response = await fetch(url, { headers: { ...AS_IT_IS, ...range }, signal });
  await checkAnswer(job, response);
  if (response.status !== 206 && part.sizeBytes > 0) await write(job, () => part.restart());
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    const wanted = chunk.subarray(0, facts.totalBytes - part.sizeBytes);
    await write(job, () => part.append(wanted));
    watch.grow(wanted.byteLength);
    onProgress({ totalBytes: facts.totalBytes, receivedBytes: part.sizeBytes });
    if (part.sizeBytes === facts.totalBytes) break;
  }
}

/** @throws {DOWNLOAD_FAILED} no other attempt would help. */
async function checkAnswer({ url, part, facts, isHashKnown }: DownloadJob, response: Response): Promise<void> {
  const { status, statusText, headers } = response;
  const isFile = hasFile(response);
  const isOther = status === 416 || (isFile && readTotalBytes(response) !== facts.totalBytes);
  const isChanged = isOther || (isFile && !isHashKnown && readValidator(response) !== facts.validator);
  const start = status === 206 ? /^bytes (\d+)-/.exec(headers.get("content-range") ?? "")?.[1] : undefined;
  const isMisplaced = status === 206 && Number(start) !== part.sizeBytes;
  if (isFile && !isChanged && !isMisplaced) return;
  await response.body?.cancel();
  if (isChanged) throw createDownloadFailed({ url, reason: "the file on the server changed in the meantime" });
  const reason = isMisplaced
    ? `requested the bytes from ${part.sizeBytes} on, but the server sent \`${headers.get("content-range")}\``
    : `HTTP status ${status} ${statusText}`;
  const isPassing = status === 408 || status === 429 || status >= 500;
  throw isPassing ? new Error(reason) : createDownloadFailed({ url, reason, details: { status } });
}

/** Runs a disk operation. @throws {DOWNLOAD_FAILED} */
async function write({ url, part }: DownloadJob, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    const hint = "Free some space, or choose another folder with --dir. The command resumes where it stopped.";
    throw createDownloadFailed({ url, reason: `cannot write ${part.path}: ${(cause as Error).message}`, hint, cause });
  }
}

function createStalled({ url, stallTimeoutMs }: DownloadJob, receivedBytes: number): Error {
  return createDownloadFailed({
    url,
    reason: `no data for ${formatMs(stallTimeoutMs)}, after ${formatBytes(receivedBytes)}`,
    hint: "Run the command again: it resumes where it stopped. --stall-timeout sets how long it waits.",
    details: { receivedBytes, stallTimeoutMs },
  });
}
