import { writeReport } from "../../report/index.js";
import { EXIT_CODES } from "../exit-codes.js";
import { createOutput, printJson } from "../../terminal/index.js";
import { exportRun, prepareExports } from "./export-run.js";
import type { ReportFlags } from "./flags.js";
import { readReport } from "./read-files.js";

/** Rewrites all files from a run.json. @returns 0. @throws {INVALID_OPTION} @throws {REPORT_INVALID} @throws {REPORT_FAILED} */
export async function runReport({ from, out, json, export: targets }: ReportFlags): Promise<number> {
  await prepareExports(targets);
  const report = await readReport("--from", from);
  const written = await writeReport(report, out);
  if (json === true) printJson({ ok: true, files: written.files });
  else for (const path of Object.values(written.files)) createOutput(process.stdout).line(path);
  await exportRun(report, targets, createOutput(process.stdout, json));
  return EXIT_CODES.ok;
}
