import { randomUUID } from "node:crypto";
import { open, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ReportFailedError } from "../errors/index.js";
import { text } from "../options/index.js";
import { makeFolder } from "../system/index.js";
import { toHtml } from "./html/to-html.js";
import type { RunReport } from "./run-report.js";
import { toCsv } from "./writers/to-csv.js";
import { toJson } from "./writers/to-json.js";
import { toJsonLines } from "./writers/to-jsonl.js";
import { toJUnit } from "./writers/to-junit.js";
import { toMarkdown } from "./writers/to-markdown.js";

/** The files of a report, in the order in which they are written. */
export const REPORT_FILES = [
  "run.json",
  "requests.jsonl",
  "requests.csv",
  "junit.xml",
  "summary.md",
  "report.html",
] as const;

/** Where the files are. */
export interface WrittenReport {
  readonly folder: string;
  readonly files: Readonly<Record<(typeof REPORT_FILES)[number], string>>;
}

/**
 * Creates the folder of a report and checks that it is writable: before a run that takes an hour, not after it.
 *
 * @returns its absolute path. @throws {REPORT_FAILED}
 */
export async function prepareReportFolder(folder: string): Promise<string> {
  text({ filled: true }).read("folder", folder);
  const where = resolve(folder);
  const probe = join(where, `.${randomUUID()}.tmp`);
  await attempt(where, async () => {
    await makeFolder(where);
    await writeFile(probe, "");
    await rm(probe);
  });
  return where;
}

/**
 * Writes all files of a report into a folder, which is created if it does not exist. Each file is written to a temporary name and then
 * renamed: no reader ever sees half a file, and a failure leaves the previous one.
 *
 * @throws {REPORT_FAILED} the folder cannot be written.
 * @example await writeReport(createRunReport({ load: result }), "run");
 */
export async function writeReport(report: RunReport, folder: string): Promise<WrittenReport> {
  const where = await prepareReportFolder(folder);
  const records = report.load?.records ?? [];
  const makers: Record<(typeof REPORT_FILES)[number], () => string | Promise<string>> = {
    "run.json": () => toJson(report),
    "requests.jsonl": () => toJsonLines(records),
    "requests.csv": () => toCsv(records),
    "junit.xml": () => toJUnit(report),
    "summary.md": () => toMarkdown(report),
    "report.html": () => toHtml(report),
  };
  const entries: [string, string][] = [];
  for (const name of REPORT_FILES) {
    const text = await makers[name]();
    const path = join(where, name);
    await attempt(path, () => replaceFile(path, text));
    entries.push([name, path]);
  }
  return { folder: where, files: Object.fromEntries(entries) as WrittenReport["files"] };
}

async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await using file = await open(temporary, "wx");
    await file.writeFile(text);
    await file.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await rename(temporary, path).catch(async (error: unknown) => {
    await rm(temporary, { force: true });
    throw error;
  });
}

async function attempt(path: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new ReportFailedError({ message: `The report could not be written to ${path}: ${reason}`, cause });
  }
}
