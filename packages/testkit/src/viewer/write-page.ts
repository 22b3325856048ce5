import { basename, dirname, resolve } from "node:path";
import { prepareReportFolder } from "../report/index.js";
import { writeFiles } from "../report/write-files.js";

/** Writes a file as a whole: a reader never sees half of it. @returns its whole path. @throws {REPORT_FAILED} */
export async function writePage(path: string, content: string): Promise<string> {
  const whole = resolve(path);
  const folder = await prepareReportFolder(dirname(whole));
  const name = basename(whole);
  const written = await writeFiles(folder, { [name]: () => content });
  return written[name] ?? whole;
}
