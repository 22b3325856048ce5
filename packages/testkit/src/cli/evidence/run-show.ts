import { existsSync } from "node:fs";
import { join } from "node:path";
import { EvidenceError } from "../../errors/index.js";
import { createOutput, printJson, quoteWord } from "../../terminal/index.js";
import { createBundlePage, findBundles, writePage } from "../../viewer/index.js";
import { EXIT_CODES } from "../exit-codes.js";
import type { ShowFlags } from "./flags.js";

/** Writes the page of a bundle and prints its path. @returns 0. @throws {EVIDENCE_INVALID} @throws {REPORT_FAILED} */
export async function runShow({ out, json }: ShowFlags, folder: string): Promise<number> {
  await refuseFolderOfBundles(folder);
  const { html, bundle } = await createBundlePage(folder);
  const page = await writePage(out ?? join(folder, "evidence.html"), html);
  const jobs = bundle.exchanges.filter(({ isJob }) => isJob);
  const failedCount = jobs.filter(({ status }) => status === "fail").length;
  if (json === true) printJson({ ok: true, page, jobCount: jobs.length, failedCount });
  else createOutput(process.stdout).line(page);
  return EXIT_CODES.ok;
}

/** The folder above the bundles is easily named instead of one of them. */
async function refuseFolderOfBundles(folder: string): Promise<void> {
  if (existsSync(join(folder, "metadata.json")) || !existsSync(folder)) return;
  const bundles = await findBundles(folder).catch(() => []);
  if (bundles.length === 0) return;
  throw new EvidenceError("EVIDENCE_INVALID", {
    message: `${folder} is not a bundle; it contains ${bundles.length}, such as ${bundles[0]}`,
    hint: `Name one of them, or show all: \`inference-testkit evidence page ${quoteWord(folder)}\`.`,
  });
}
