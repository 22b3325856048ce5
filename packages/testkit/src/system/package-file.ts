import { readFileSync } from "node:fs";

/** A file of this package. The relative path is the same from `src`, from `dist` and from the bundle of the command line. */
export const packageFile = (path: string): URL => new URL(`../../${path}`, import.meta.url);

/** The version of this package. */
export function readVersion(): string {
  return (JSON.parse(readFileSync(packageFile("package.json"), "utf8")) as { version: string }).version;
}
