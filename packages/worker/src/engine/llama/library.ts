import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as Library from "node-llama-cpp";

const NAME = "node-llama-cpp";
/** A folder whose `node_modules` has node-llama-cpp; used when it is not installed beside the worker. */
const FOLDER_VARIABLE = "WORKER_ORCD_ENGINE";

/** Imports node-llama-cpp, which takes 330 ms the first time. @throws if it is not installed, or does not load here. */
export function loadLibrary(): Promise<typeof Library> {
  return import(locateLibrary()) as Promise<typeof Library>;
}

/** The address of node-llama-cpp. @throws if it is not installed. */
export function locateLibrary(): string {
  const folder = process.env[FOLDER_VARIABLE] ?? "";
  try {
    return resolve(import.meta.url);
  } catch (error) {
    if (folder === "") throw error;
    return resolve(pathToFileURL(join(folder, "package.json")).href);
  }
}

function resolve(from: string): string {
  return pathToFileURL(createRequire(from).resolve(NAME)).href;
}
