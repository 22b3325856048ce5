import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { resolveCacheFolder } from "../system/index.js";
import { findBundledWorker } from "./worker-command.js";

/** What the llama engine of worker-orcd needs. */
export const LLAMA_PACKAGE = "node-llama-cpp";

/** How to install it. */
export const LLAMA_INSTALL_HINT = `Install it with \`npx inference-testkit engine install\`, or into your project with \`npm install --save-dev ${LLAMA_PACKAGE}\`.`;

/** Tells worker-orcd in which folder to look for it when it is not installed beside the worker. */
const FOLDER_VARIABLE = "WORKER_ORCD_ENGINE";

/** Where `engine install` puts it: a folder of all projects of the user. */
export function llamaEngineFolder(): string {
  return join(resolveCacheFolder(), "engine");
}

/** Whether the bundled worker can load it. Importing it to find out would take half a second. */
export function isLlamaEngineInstalled(): boolean {
  return canResolve(findBundledWorker()) || canResolve(join(llamaEngineFolder(), "package.json"));
}

/** The environment in which the bundled worker finds the engine of `engine install`. */
export function llamaEngineEnvironment(): Readonly<Record<string, string>> {
  const folder = llamaEngineFolder();
  const isChosen = process.env[FOLDER_VARIABLE] !== undefined;
  return isChosen || !existsSync(join(folder, "node_modules", LLAMA_PACKAGE)) ? {} : { [FOLDER_VARIABLE]: folder };
}

function canResolve(from: string): boolean {
  try {
    createRequire(pathToFileURL(from)).resolve(LLAMA_PACKAGE);
    return true;
  } catch {
    return false;
  }
}
