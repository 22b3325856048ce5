import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { InvalidOptionError, isTestkitError, ReportInvalidError, reasonOf } from "../../errors/index.js";
import type { StoredLoadResult } from "../../load/index.js";
import type { NamedRun } from "../../report/comparison/comparison-data.js";
import { parseRunReport, type RunReport } from "../../report/index.js";

const RUN_FILE = "run.json";

/** A report: its file, or the folder that it is in. @throws {INVALID_OPTION} no such file. @throws {REPORT_INVALID} */
export async function readReport(option: string, path: string): Promise<RunReport> {
  const isFolder = await isDirectory(option, path);
  return readRunFile(option, isFolder ? join(path, RUN_FILE) : path);
}

/** The results of one run, or of all runs of a folder of folders. @throws as {@link readNamedRuns}. */
export async function readRuns(option: string, path: string): Promise<[StoredLoadResult, ...StoredLoadResult[]]> {
  const [first, ...others] = await readNamedRuns(option, path);
  return [first.load, ...others.map(({ load }) => load)];
}

/**
 * The same with the path of each.
 *
 * @throws {INVALID_OPTION} no such file, or a report without load. @throws {REPORT_INVALID}
 */
export async function readNamedRuns(option: string, path: string): Promise<[NamedRun, ...NamedRun[]]> {
  const runs: NamedRun[] = [];
  for (const file of await findRuns(option, path)) {
    const { load } = await readRunFile(option, file);
    if (load === undefined)
      throw new InvalidOptionError({
        message: `Expected ${option} to be a run under load, but ${file} has no load result`,
      });
    runs.push({ name: file === join(path, RUN_FILE) ? path : dirname(file), load });
  }
  const [first, ...others] = runs;
  if (first !== undefined) return [first, ...others];
  throw new InvalidOptionError({
    message: `Expected ${option} to be a ${RUN_FILE}, or a folder that contains one, got ${path}`,
  });
}

async function findRuns(option: string, path: string): Promise<string[]> {
  if (!(await isDirectory(option, path))) return [path];
  const entries = await readdir(path, { withFileTypes: true });
  if (entries.some((entry) => entry.name === RUN_FILE)) return [join(path, RUN_FILE)];
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const found: string[] = [];
  for (const name of names.sort()) {
    const inside = await readdir(join(path, name));
    if (inside.includes(RUN_FILE)) found.push(join(path, name, RUN_FILE));
  }
  return found;
}

async function isDirectory(option: string, path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw cannotRead(option, cause);
  }
}

/** The error names the file: a command may read several. */
async function readRunFile(option: string, file: string): Promise<RunReport> {
  const text = await readText(option, file);
  try {
    return parseRunReport(text);
  } catch (error) {
    if (!isTestkitError(error, "REPORT_INVALID")) throw error;
    throw new ReportInvalidError({ message: `${file}: ${reasonOf(error)}`, hint: error.hint, cause: error });
  }
}

async function readText(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw cannotRead(option, cause);
  }
}

function cannotRead(option: string, cause: unknown): InvalidOptionError {
  return new InvalidOptionError({
    message: `Expected ${option} to be a readable file: ${(cause as Error).message}`,
    cause,
  });
}
