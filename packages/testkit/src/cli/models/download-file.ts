import { mkdir } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { createModelDownloader as Creator, ModelDownloader } from "node-llama-cpp";
import { formatBytes, formatMs } from "../../numbers/index.js";
import { isTestkitError } from "../../errors/index.js";
import { canImportNodeLlamaCpp, INSTALL_HINT } from "../node-llama-cpp.js";
import { createDownloadFailed, describeNetworkError } from "./download-failed.js";
import { StallWatch } from "./stall-watch.js";

/** What to download, and whom to tell. */
export interface DownloadJob {
  readonly url: string;
  /** Where the complete file goes; while it grows, it is beside it with `.ipull` behind its name. */
  readonly path: string;
  readonly stallTimeoutMs: number;
  readonly onStart: (figures: DownloadFigures) => void;
  readonly onProgress: (figures: DownloadFigures) => void;
}

export interface DownloadFigures {
  readonly totalBytes: number;
  readonly receivedBytes: number;
}

/** How a download went. */
export interface DownloadResult {
  readonly totalBytes: number;
  /** What an earlier attempt had left. */
  readonly resumedBytes: number;
}

/**
 * Downloads a file with the downloader of node-llama-cpp: parallel connections, retries, and it goes on where an interrupted
 * download stopped if the server knows ranges.
 *
 * @throws {DOWNLOAD_FAILED} the package is missing, the server refuses or does not say how large the file is, the folder cannot
 * be written, or no byte came for `stallTimeoutMs`.
 */
export async function downloadFile(job: DownloadJob): Promise<DownloadResult> {
  const { url } = job;
  if (!canImportNodeLlamaCpp(fileURLToPath(import.meta.url))) {
    throw createDownloadFailed({ url, reason: "it needs node-llama-cpp, which is not installed", hint: INSTALL_HINT });
  }
  // The import may take seconds on a busy machine; that is no stall of the server.
  const { createModelDownloader } = await import("node-llama-cpp");
  const watch = new StallWatch(job.stallTimeoutMs, (received) => createStalled(job, received));
  try {
    return await Promise.race([run(job, createModelDownloader, watch), watch.stalled]);
  } catch (cause) {
    if (isTestkitError(cause)) throw cause;
    throw createDownloadFailed({ url, reason: describeNetworkError(cause), cause });
  } finally {
    watch.stop();
  }
}

async function run(
  job: DownloadJob,
  createModelDownloader: typeof Creator,
  watch: StallWatch,
): Promise<DownloadResult> {
  const { url, path } = job;
  await mkdir(dirname(path), { recursive: true });
  const downloader = await createModelDownloader({
    modelUri: url,
    dirPath: dirname(path),
    fileName: basename(path),
    deleteTempFileOnCancel: false,
    onProgress: (status) => {
      watch.update(status.downloadedSize);
      job.onProgress({ totalBytes: status.totalSize, receivedBytes: status.downloadedSize });
    },
  });
  // Measured with ipull 3.9.5: without an announced length it puts together a damaged file and reports success.
  if (downloader.totalSize === 0) throw new Error("the server does not say how large the file is");
  const resumedBytes = downloader.downloadedSize;
  watch.update(resumedBytes);
  job.onStart({ totalBytes: downloader.totalSize, receivedBytes: resumedBytes });
  await finish(downloader);
  return { totalBytes: downloader.totalSize, resumedBytes };
}

/** A download that ends without an error but is not whole was cancelled from outside. */
async function finish(downloader: ModelDownloader): Promise<void> {
  await downloader.download();
  if (downloader.downloadedSize < downloader.totalSize) throw new Error("it ended before the file was complete");
}

function createStalled({ url, stallTimeoutMs }: DownloadJob, receivedBytes: number): Error {
  return createDownloadFailed({
    url,
    reason: `no data for ${formatMs(stallTimeoutMs)}, after ${formatBytes(receivedBytes)}`,
    hint: "Run the command again: it goes on where it stopped. --stall-timeout sets how long it waits.",
    details: { receivedBytes, stallTimeoutMs },
  });
}
