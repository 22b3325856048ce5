import { join } from "node:path";
import { createOutput, printJson } from "../../terminal/index.js";
import { readRunFolder, toEvidenceHtml, writePage } from "../../viewer/index.js";
import { EXIT_CODES } from "../exit-codes.js";
import type { PageFlags } from "./flags.js";

/** Writes the page of a test run and prints its path. @returns 0. @throws {INVALID_OPTION} @throws {REPORT_INVALID} @throws {REPORT_FAILED} */
export async function runPage({ junit, out, json }: PageFlags, folder: string): Promise<number> {
  const data = await readRunFolder(folder, junit);
  const page = await writePage(out ?? join(folder, "index.html"), await toEvidenceHtml(data));
  const { tests = [], omittedTestCount = 0 } = data.run ?? {};
  const failedCount = tests.filter(({ status }) => status === "failed").length;
  if (json === true)
    printJson({
      ok: true,
      page,
      testCount: tests.length + omittedTestCount,
      failedCount,
      bundleCount: data.bundles.length,
    });
  else createOutput(process.stdout).line(page);
  return EXIT_CODES.ok;
}
