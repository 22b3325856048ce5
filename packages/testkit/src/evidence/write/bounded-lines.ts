import type { FileHandle } from "node:fs/promises";
import { stringifyJson } from "inference-worker-protocol";
import { writeAll } from "../../system/index.js";
import { withoutHiddenValues } from "../../terminal/index.js";
import { writeNewFile } from "./new-file.js";

const BATCH_CHARACTERS = 1024 * 1024;

/** What was written and what was left out. */
export interface WrittenLines {
  readonly lineCount: number;
  readonly droppedCount: number;
  readonly bytes: number;
}

/** Writes a file in pieces, up to a limit. */
class BoundedFile {
  readonly #file: FileHandle;
  readonly #maxBytes: number;
  #batch: string[] = [];
  #batchLength = 0;
  bytes = 0;

  constructor(file: FileHandle, maxBytes: number) {
    this.#file = file;
    this.#maxBytes = maxBytes;
  }

  /** False if it does not fit. */
  async add(text: string): Promise<boolean> {
    const bytes = Buffer.byteLength(text);
    if (this.bytes + bytes > this.#maxBytes) return false;
    await this.append(text);
    return true;
  }

  /** Ignores the limit: for the note that something is missing. */
  async append(text: string): Promise<void> {
    this.bytes += Buffer.byteLength(text);
    this.#batch.push(text);
    this.#batchLength += text.length;
    if (this.#batchLength >= BATCH_CHARACTERS) await this.flush();
  }

  async flush(): Promise<void> {
    const text = this.#batch.join("");
    this.#batch = [];
    this.#batchLength = 0;
    await writeAll(this.#file, Buffer.from(text));
  }
}

function writeBounded<T>(path: string, maxBytes: number, write: (file: BoundedFile) => Promise<T>): Promise<T> {
  return writeNewFile(path, async (handle) => {
    const file = new BoundedFile(handle, maxBytes);
    const result = await write(file);
    await file.flush();
    return result;
  });
}

/**
 * Writes one JSON value per line until one does not fit; from then on everything is left out.
 *
 * @param last creates the final line from what was left out.
 */
export function writeJsonLines(
  path: string,
  values: readonly unknown[],
  { maxBytes, last }: { maxBytes: number; last?: (droppedCount: number) => unknown },
): Promise<WrittenLines> {
  return writeBounded(path, maxBytes, async (file) => {
    let lineCount = 0;
    while (lineCount < values.length && (await file.add(`${toJson(values[lineCount])}\n`))) lineCount += 1;
    const droppedCount = values.length - lineCount;
    const mark = last?.(droppedCount);
    if (mark !== undefined) await file.append(`${toJson(mark)}\n`);
    return { lineCount: lineCount + (mark === undefined ? 0 : 1), droppedCount, bytes: file.bytes };
  });
}

/** Writes a JSON array, one element per line, until one does not fit. */
export function writeJsonArray(path: string, values: readonly unknown[], maxBytes: number): Promise<WrittenLines> {
  return writeBounded(path, maxBytes - 4, async (file) => {
    let lineCount = 0;
    await file.append("[");
    while (lineCount < values.length) {
      if (!(await file.add(`${lineCount === 0 ? "\n" : ",\n"}${toJson(values[lineCount])}`))) break;
      lineCount += 1;
    }
    await file.append("\n]\n");
    return { lineCount, droppedCount: values.length - lineCount, bytes: file.bytes };
  });
}

function toJson(value: unknown): string {
  return withoutHiddenValues(stringify(value));
}

/** Few values contain a `bigint`, and the exact writer is many times slower. */
function stringify(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return stringifyJson(value);
  }
}
