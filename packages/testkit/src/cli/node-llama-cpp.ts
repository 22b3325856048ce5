import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const PACKAGE = "node-llama-cpp";

/**
 * How to install it; an optional dependency is skipped by `--omit=optional` and on platforms without its binaries.
 */
export const INSTALL_HINT = `Install it with \`npm install ${PACKAGE}\`.`;

/** Whether a module at `path` can import node-llama-cpp. Importing it to find out would take half a second. */
export function canImportNodeLlamaCpp(path: string): boolean {
  try {
    createRequire(pathToFileURL(path)).resolve(PACKAGE);
    return true;
  } catch {
    return false;
  }
}
