import { existsSync } from "node:fs";
import { mkdir, rmdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { ReportFailedError } from "../../errors/index.js";
import { prepareReportFolder } from "../../report/index.js";
import { makeFolder } from "../../system/index.js";

/** Where reports go without `--out`, each in a folder of its own. */
const DEFAULT_PARENT = "inference-testkit-reports";
const MOST_ATTEMPTS = 1_000;

/** The folder of the report of one run. A folder that was not given is removed again if nothing was written to it. */
export class ReportFolder implements AsyncDisposable {
  readonly path: string;
  /** Whether it has an earlier report, which this one will replace. */
  readonly hasReport: boolean;
  readonly #isFresh: boolean;

  private constructor(path: string, isFresh: boolean) {
    this.path = path;
    this.hasReport = existsSync(join(path, "run.json"));
    this.#isFresh = isFresh;
  }

  /** Uses the given folder, or creates a fresh one, named after the time. @throws {REPORT_FAILED} */
  static async open(given: string | undefined): Promise<ReportFolder> {
    if (given !== undefined) return new ReportFolder(await prepareReportFolder(given), false);
    return new ReportFolder(await createFresh(), true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isFresh) return;
    for (const path of [this.path, DEFAULT_PARENT]) await rmdir(path).catch(() => undefined); // unless it is in use
  }
}

async function createFresh(): Promise<string> {
  const name = `${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}Z`;
  try {
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
      const path = join(process.cwd(), DEFAULT_PARENT, attempt === 1 ? name : `${name}-${attempt}`);
      if (await tryCreate(path)) return path;
    }
    throw new Error(`${MOST_ATTEMPTS} folders named ${name} exist`);
  } catch (cause) {
    throw new ReportFailedError({
      message: `No folder for the report could be created in ${relative("", DEFAULT_PARENT)}: ${(cause as Error).message}`,
      hint: "Name a folder that can be written: `--out <folder>`.",
      cause,
    });
  }
}

/** Atomic: of two runs that begin in the same second, each gets its own. */
async function tryCreate(path: string): Promise<boolean> {
  await makeFolder(join(path, ".."));
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" || code === "ENOENT") return false; // the parent may just have been removed, with the last empty folder in it
    throw error;
  }
}
