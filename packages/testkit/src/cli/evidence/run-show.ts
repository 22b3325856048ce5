import { join } from "node:path";
import { createOutput, printJson } from "../../terminal/index.js";
import { createBundlePage, writePage } from "../../viewer/index.js";
import { EXIT_CODES } from "../exit-codes.js";
import type { ShowFlags } from "./flags.js";

/** Writes the page of a bundle and prints its path. @returns 0. @throws {EVIDENCE_INVALID} @throws {REPORT_FAILED} */
export async function runShow({ out, json }: ShowFlags, folder: string): Promise<number> {
  const { html, bundle } = await createBundlePage(folder);
  const page = await writePage(out ?? join(folder, "evidence.html"), html);
  const jobs = bundle.exchanges.filter(({ isJob }) => isJob);
  const failedCount = jobs.filter(({ status }) => status === "fail").length;
  if (json === true) printJson({ ok: true, page, jobCount: jobs.length, failedCount });
  else createOutput(process.stdout).line(page);
  return EXIT_CODES.ok;
}
