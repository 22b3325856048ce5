import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { formatBytes } from "../../numbers/index.js";
import { isTestkitError, ModelError } from "../../errors/index.js";
import { makeFolder } from "../../system/index.js";
import { tryLockFile } from "../../launch/index.js";
import { EXIT_CODES } from "../exit-codes.js";
import { createOutput, printJson, type Output } from "../../terminal/index.js";
import { askServer } from "./ask-server.js";
import { createDownloadFailed } from "./download-failed.js";
import { downloadFile, type DownloadJob } from "./download-file.js";
import type { PullFlags } from "./flags.js";
import { PartFile } from "./part-file.js";
import { ProgressPrinter } from "./progress-printer.js";
import { resolvePullPlan, type ExpectedHash, type PullPlan } from "./pull-plan.js";
import { HashMismatch, verifyFile, type VerifiedFile } from "./verify-file.js";

const ASK_TIMEOUT_MS = 30_000;

const HASH_WORDS: Readonly<Record<ExpectedHash["source"], string>> = {
  given: "equals the one given with --sha256",
  known: "equals the one known for this model",
  server: "equals the one that the server reports",
  none: "not verified: pass --sha256 to do that",
};

/**
 * Downloads a model and puts it into the models folder: under a temporary name until it has passed its checks, then by a
 * rename, so that a test sees the whole file or none.
 *
 * @throws {DOWNLOAD_FAILED} see {@link downloadFile}; also for a different hash and for a file that is not GGUF.
 * @throws {MODEL_INVALID} a different file already exists.
 */
export async function runModelsPull(name: string, options: PullFlags): Promise<number> {
  const plan = await resolvePullPlan(name, options);
  const output = createOutput(process.stderr);
  const isThere = existsSync(plan.path);
  const { expected, file, download } = isThere ? await keep(plan) : await pull(plan, output);
  const report = {
    ok: true,
    ...{ name, path: plan.path, status: isThere ? "already-there" : "downloaded", sizeBytes: file.sizeBytes },
    ...{ sha256: file.sha256, sha256ComparedWith: expected.source, resumedBytes: download?.resumedBytes },
  };
  if (options.json === true) printJson(report);
  else printReport(report.status, { plan, expected, file, download });
  return EXIT_CODES.ok;
}

interface Pulled {
  readonly expected: ExpectedHash;
  readonly file: VerifiedFile;
  /** Undefined when nothing had to be downloaded; `resumedBytes` is the size of the earlier part. */
  readonly download: { readonly totalBytes: number; readonly resumedBytes: number } | undefined;
}

/** Checks the existing file without using the network. */
async function keep({ path, expected }: PullPlan): Promise<Pulled> {
  try {
    return { expected, file: await verifyFile(path, expected), download: undefined };
  } catch (cause) {
    if (!(cause instanceof HashMismatch)) throw cause;
    const message = `${path} already exists, but ${cause.message}`;
    const hint = "Remove or rename that file, or choose another folder with --dir, and run the command again.";
    throw new ModelError("MODEL_INVALID", { message, hint, details: { path }, cause });
  }
}

async function pull(plan: PullPlan, output: Output): Promise<Pulled> {
  const { url, path, stallTimeoutMs } = plan;
  output.line(`${plan.name} from ${url}`);
  const facts = await askServer(url, Math.min(ASK_TIMEOUT_MS, stallTimeoutMs));
  const expected = resolveExpected(plan.expected, facts.sha256);
  using _lock = await attempt(url, () => lock(plan));
  const content = facts.knowsRanges ? (expected.sha256 ?? facts.validator) : undefined;
  await using part = await attempt(url, () => PartFile.open(path, { totalBytes: facts.totalBytes, content }));
  const download = { totalBytes: facts.totalBytes, resumedBytes: part.sizeBytes };
  await receive({ url, part, facts, stallTimeoutMs, isHashKnown: expected.sha256 !== undefined }, output);
  const file = await verifyDownload({ url, path: part.path, expected });
  await attempt(url, () => rename(part.path, path));
  return { expected, file, download };
}

/** Shows the progress of a download. */
async function receive(job: Omit<DownloadJob, "onProgress">, output: Output): Promise<void> {
  const progress = new ProgressPrinter(output);
  progress.start({ totalBytes: job.facts.totalBytes, receivedBytes: job.part.sizeBytes });
  try {
    await downloadFile({ ...job, onProgress: (figures) => progress.update(figures) });
  } finally {
    progress.end();
  }
}

/** Two downloads into one file would garble it; the lock of a dead process is taken over. */
async function lock({ url, path }: PullPlan): Promise<Disposable> {
  await makeFolder(dirname(path));
  const held = tryLockFile(`${path}.lock`);
  if (held !== undefined) return { [Symbol.dispose]: () => held.release() };
  const hint = "Wait until it has finished, then run the command again.";
  throw createDownloadFailed({ url, reason: `another process is downloading ${path} (${path}.lock)`, hint });
}

/** Runs an operation on the models folder. @throws {DOWNLOAD_FAILED} */
async function attempt<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (isTestkitError(cause)) throw cause;
    throw createDownloadFailed({ url, reason: (cause as Error).message, cause });
  }
}

function resolveExpected(planned: ExpectedHash, named: string | undefined): ExpectedHash {
  return planned.source === "none" && named !== undefined ? { sha256: named, source: "server" } : planned;
}

interface DownloadedFile {
  readonly url: string;
  readonly path: string;
  readonly expected: ExpectedHash;
}

/** An invalid file is deleted: resuming it would keep it invalid. */
async function verifyDownload({ url, path, expected }: DownloadedFile): Promise<VerifiedFile> {
  try {
    return await verifyFile(path, expected);
  } catch (cause) {
    const isWrong = cause instanceof HashMismatch || isTestkitError(cause, "MODEL_INVALID");
    if (!isWrong) throw createDownloadFailed({ url, reason: `cannot check ${path}: ${String(cause)}`, cause });
    await rm(path, { force: true });
    const why = isTestkitError(cause) ? "it is not a usable GGUF file" : cause.message;
    const hint = "The file was deleted. Is this the right address, and the right --sha256?";
    throw createDownloadFailed({ url, reason: `the downloaded file is not the model: ${why}`, hint, cause });
  }
}

function printReport(status: string, { plan, expected, file, download }: Pulled & { plan: PullPlan }): void {
  const { style, line } = createOutput(process.stdout);
  const { numLayers, vocabSize } = file.model;
  const size = formatBytes(file.sizeBytes);
  const announced = download === undefined ? "" : ", as announced by the server";
  line(style("green", "✓"), ` ${plan.path} ${status === "downloaded" ? "is in place" : "was there already"}`);
  line(`  size    ${size}${announced}`);
  line(`  sha256  ${file.sha256}`);
  line(`          ${HASH_WORDS[expected.source]}`);
  line(`  gguf    header read and file complete: ${numLayers} layers, vocabulary ${vocabSize}`);
}
