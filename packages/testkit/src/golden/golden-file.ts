import { randomUUID } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parseJson, stringifyJson } from "inference-worker-protocol";
import { AssertionFailedError } from "../errors/index.js";
import { isRecord } from "../options/index.js";
import { makeFolder } from "../system/index.js";
import type { Transcript } from "./transcript.js";

const VERSION = 1;

/**
 * The transcripts of one name: one for each worker and request that it was recorded with; none if there is no file.
 *
 * @throws {GOLDEN_INVALID} the file cannot be read, or is not one of this version.
 */
export async function readGoldenFile(path: string): Promise<readonly Transcript[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw invalid(path, `cannot be read: ${(error as Error).message}`, error);
  }
  return parseFile(path, text);
}

function parseFile(path: string, text: string): readonly Transcript[] {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw invalid(path, `is not JSON: ${(error as Error).message}`, error);
  }
  const version = isRecord(value) ? value["version"] : undefined;
  if (version !== VERSION)
    throw invalid(path, `has version ${String(version)}; this inference-testkit reads ${VERSION}`);
  const list = (value as { transcripts?: unknown }).transcripts;
  if (!Array.isArray(list)) throw invalid(path, "has no list `transcripts`");
  const wrong = list.findIndex((entry) => !isTranscript(entry));
  if (wrong !== -1) throw invalid(path, `has no transcript in \`transcripts[${wrong}]\``);
  return list as Transcript[];
}

function isTranscript(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { worker, request, text, stopReason, tokens } = value;
  const isWorker = isRecord(worker) && Object.values(worker).every(isText);
  const areTokens = tokens === undefined || (Array.isArray(tokens) && tokens.every(isText));
  return isWorker && isRecord(request) && isText(text) && isText(stopReason) && areTokens;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** Writes to a temporary file and renames it: no reader ever sees half a file. @throws {GOLDEN_INVALID} */
export async function writeGoldenFile(path: string, transcripts: readonly Transcript[]): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await makeFolder(dirname(path));
    await writeFile(temporary, formatFile(transcripts), { flag: "wx" });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw invalid(path, `cannot be written: ${(error as Error).message}`, error);
  }
}

/** A line for each field, so that a review shows what changed. */
function formatFile(transcripts: readonly Transcript[]): string {
  const blocks = transcripts.map((transcript) => {
    const fields = Object.entries(transcript).map(([name, value]) => `      "${name}": ${stringifyJson(value)}`);
    return `    {\n${fields.join(",\n")}\n    }`;
  });
  return `{\n  "version": ${VERSION},\n  "transcripts": [\n${blocks.join(",\n")}\n  ]\n}\n`;
}

function invalid(path: string, reason: string, cause?: unknown): AssertionFailedError {
  return new AssertionFailedError("GOLDEN_INVALID", { message: `The golden transcript ${path} ${reason}`, cause });
}
