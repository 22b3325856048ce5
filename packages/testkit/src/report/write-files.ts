import { randomUUID } from "node:crypto";
import { open, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ReportFailedError } from "../errors/index.js";
import { text } from "../options/index.js";
import { makeFolder } from "../system/index.js";
import { withoutHiddenValues } from "../terminal/index.js";

/**
 * Makes the folder of a report and makes sure that it can be written: before a run that takes an hour, not after it.
 *
 * @returns its whole path. @throws {REPORT_FAILED}
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

/** How each file of a report is made. */
export type FileMakers<Name extends string> = Readonly<Record<Name, () => string | Promise<string>>>;

/**
 * Writes the files of a report, in the order of `makers`. Each file is written to a temporary name and then renamed: no reader ever sees half a
 * file, and a failure leaves the previous one.
 *
 * @param folder what {@link prepareReportFolder} returned.
 * @returns the whole path of each. @throws {REPORT_FAILED}
 */
export async function writeFiles<Name extends string>(
  folder: string,
  makers: FileMakers<Name>,
): Promise<Readonly<Record<Name, string>>> {
  const entries: [string, string][] = [];
  for (const name of Object.keys(makers) as Name[]) {
    const content = withoutHiddenValues(await makers[name]());
    const path = join(folder, name);
    await attempt(path, () => replaceFile(path, content));
    entries.push([name, path]);
  }
  return Object.fromEntries(entries) as Record<Name, string>;
}

async function replaceFile(path: string, content: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await using file = await open(temporary, "wx");
    await file.writeFile(content);
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
