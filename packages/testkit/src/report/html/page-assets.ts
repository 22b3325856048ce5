import { readFile } from "node:fs/promises";
import { packageFile } from "../../system/index.js";

/** The pages: of a run under load, of runs compared with a baseline, of the conformance checks, and of evidence and the tests that left it. */
export type PageName = "run" | "comparison" | "conformance" | "evidence";

/** The parts of a page that are the same for every report. */
export interface PageAssets {
  readonly script: string;
  readonly style: string;
  /** License texts of the third-party code in `script`. */
  readonly licenses: string;
}

const assets = new Map<PageName, Promise<PageAssets>>();

/** Reads the assets of a page, once. */
export function readPageAssets(page: PageName): Promise<PageAssets> {
  const read = assets.get(page) ?? readAll(page);
  assets.set(page, read);
  return read;
}

async function readAll(page: PageName): Promise<PageAssets> {
  const read = (name: string) => readFile(packageFile(`dist/report-page/${page}/${name}`), "utf8");
  const [script, style, licenses] = await Promise.all([
    read("page.js"),
    read("page.css"),
    read("THIRD-PARTY-LICENSES.txt"),
  ]);
  return { script, style, licenses };
}
