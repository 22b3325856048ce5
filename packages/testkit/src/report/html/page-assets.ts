import { readFile } from "node:fs/promises";

/** The build output for the page; the relative path is the same from `src` and from `dist`. */
const FOLDER = new URL("../../../dist/report-page/", import.meta.url);

/** The parts of the page that are the same for every report. */
export interface PageAssets {
  readonly script: string;
  readonly style: string;
  /** Licence texts of the third-party code in `script`. */
  readonly licenses: string;
}

let assets: Promise<PageAssets> | undefined;

/** Reads the assets once. */
export function readPageAssets(): Promise<PageAssets> {
  assets ??= readAll();
  return assets;
}

async function readAll(): Promise<PageAssets> {
  const read = (name: string) => readFile(new URL(name, FOLDER), "utf8");
  const [script, style, licenses] = await Promise.all([
    read("page.js"),
    read("page.css"),
    read("THIRD-PARTY-LICENSES.txt"),
  ]);
  return { script, style, licenses };
}
