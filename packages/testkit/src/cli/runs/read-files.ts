import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { InvalidOptionError } from "../../errors/index.js";
import { checkSlo } from "../../load/metrics/slo.js";
import { checkRunLimits } from "../../load/verdict/run-limits.js";
import type { RequestSlo } from "../../load/metrics/slo.js";
import type { RunLimits, StoredLoadResult } from "../../load/index.js";
import { parseRunReport, type RunReport } from "../../report/index.js";

const RUN_FILE = "run.json";

/** The content of a limits file. */
export interface GivenLimits {
  readonly limits: RunLimits;
  /** What each request must meet to count for goodput. */
  readonly slo: RequestSlo;
}

/** A JSON object, or `@file` with one. @throws {INVALID_OPTION} */
export async function readObject(option: string, value: string): Promise<Readonly<Record<string, unknown>>> {
  return parseObject(option, value.startsWith("@") ? await readText(option, value.slice(1)) : value);
}

/** Without limits, no error is allowed. @throws {INVALID_OPTION} also for a limit that `judgeLimits()` would refuse after the run. */
export async function readLimits(file: string | undefined): Promise<GivenLimits> {
  const given = file === undefined ? {} : parseObject("--limits", await readText("--limits", file));
  const { slo = {}, ...limits } = given;
  const judged: RunLimits = Object.keys(limits).length === 0 ? { errors: 0 } : limits;
  checkRunLimits(judged);
  checkSlo("slo", slo as RequestSlo);
  return { limits: judged, slo: slo as RequestSlo };
}

/** A report: its file, or the folder that it is in. @throws {INVALID_OPTION} no such file. @throws {REPORT_INVALID} */
export async function readReport(option: string, path: string): Promise<RunReport> {
  const isFolder = await isDirectory(option, path);
  return parseRunReport(await readText(option, isFolder ? join(path, RUN_FILE) : path));
}

/**
 * The results of one run, or of all runs of a folder of folders.
 *
 * @throws {INVALID_OPTION} no such file, or a report without load. @throws {REPORT_INVALID}
 */
export async function readRuns(option: string, path: string): Promise<[StoredLoadResult, ...StoredLoadResult[]]> {
  const runs: StoredLoadResult[] = [];
  for (const file of await findRuns(option, path)) {
    const { load } = parseRunReport(await readText(option, file));
    if (load === undefined)
      throw new InvalidOptionError({
        message: `Expected ${option} to be a run under load, but ${file} has no load result`,
      });
    runs.push(load);
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

function parseObject(option: string, text: string): Readonly<Record<string, unknown>> {
  const value = parseJson(option, text);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new InvalidOptionError({ message: `Expected ${option} to be a JSON object, got ${text.slice(0, 60)}` });
}

function parseJson(option: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new InvalidOptionError({
      message: `Expected ${option} to be valid JSON: ${(cause as Error).message}`,
      cause,
    });
  }
}
