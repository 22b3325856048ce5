import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { parseJson } from "inference-worker-protocol";
import { EvidenceError } from "../../errors/index.js";

/**
 * A bundle may come from anyone: a link in it could lead to any file of the reader, and a pipe would block. Windows has no such flags.
 */
const READ_FLAGS =
  constants.O_RDONLY |
  ((constants.O_NOFOLLOW as number | undefined) ?? 0) |
  ((constants.O_NONBLOCK as number | undefined) ?? 0);

/** A location in a bundle. */
export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line?: number | undefined;
}

/** The error for a bundle that cannot be used. */
export function createInvalid({ file, line }: Place, problem: string, cause?: unknown): EvidenceError {
  const place = line === undefined ? file : `${file}:${line}`;
  return new EvidenceError("EVIDENCE_INVALID", { message: `${place}: ${problem}`, details: { file, line }, cause });
}

/** @throws {EVIDENCE_INVALID} it is missing, or not valid JSON. */
export async function readJsonFile(folder: string, name: string): Promise<unknown> {
  const file = join(folder, name);
  return parse(await readText(file), { file });
}

/** The lines of an NDJSON file. @throws {EVIDENCE_INVALID} it is missing, a line is not a JSON object, or the last one is truncated. */
export async function readJsonLines(folder: string, name: string): Promise<{ value: object; place: Place }[]> {
  const file = join(folder, name);
  const lines = (await readText(file)).split("\n");
  const last = lines.pop();
  if (last !== "")
    throw createInvalid({ file, line: lines.length + 1 }, "the last line is truncated: it has no line break");
  return lines.map((line, index) => {
    const place = { file, line: index + 1 };
    const value = parse(line, place);
    if (isObject(value)) return { value, place };
    throw createInvalid(place, "expected a JSON object");
  });
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function readText(file: string): Promise<string> {
  try {
    await using handle = await open(file, READ_FLAGS);
    if (!(await handle.stat()).isFile()) throw new Error("it is not a regular file");
    return await handle.readFile("utf8");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === "ELOOP" ? "it is a symbolic link; a bundle has none" : message;
    throw createInvalid({ file }, `cannot be read: ${reason}`, cause);
  }
}

function parse(text: string, place: Place): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    throw createInvalid(place, `is not valid JSON: ${(cause as Error).message}`, cause);
  }
}
