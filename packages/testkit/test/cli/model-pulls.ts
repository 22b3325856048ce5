import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { FIRST_BYTE } from "./model-server.js";

/** The command that pulls a model called `tiny`. */
export function pullArguments(url: string, folder: string, ...flags: readonly string[]): string[] {
  return ["models", "pull", "tiny", "--url", url, "--dir", folder, ...flags];
}

/** The ranges that were downloaded, without the question whether the file is there. */
export function downloads(requests: readonly string[]): string[] {
  return requests
    .filter((request) => request.startsWith("GET bytes="))
    .map((request) => request.slice("GET ".length))
    .filter((range) => range !== FIRST_BYTE);
}

/** Expects the model and nothing else. */
export function expectInPlace(folder: string, bytes: Buffer): void {
  expect(readdirSync(folder)).toEqual(["tiny.gguf"]);
  expect(readFileSync(join(folder, "tiny.gguf")).equals(bytes)).toBe(true);
}
