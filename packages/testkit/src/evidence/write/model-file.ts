import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import type { ModelFileFacts } from "../format.js";

/**
 * Hashes of this process by path, size and modification time: a model of several gigabytes is read once, not for every test.
 */
const known = new Map<string, Promise<string>>();

/** The file after `--model`, or `-m`, as in many servers. */
export function findModelPath(args: readonly string[]): string | undefined {
  const flag = args.findIndex((arg) => arg === "--model" || arg === "-m");
  const joined = args.find((arg) => arg.startsWith("--model="));
  return flag === -1 ? joined?.slice("--model=".length) : args[flag + 1];
}

/** Size and SHA-256 of the model, or why there is none. Never throws. */
export async function describeModelFile(path: string, cwd: string, hashes: boolean): Promise<ModelFileFacts> {
  const absolute = resolve(cwd, path);
  try {
    const { size, mtimeMs } = await stat(absolute);
    if (!hashes) return { path, sizeBytes: size, skipped: "`hashModel` is false" };
    const key = `${absolute} ${size} ${mtimeMs}`;
    const hash = known.get(key) ?? hashFile(absolute);
    known.set(key, hash);
    hash.catch(() => known.delete(key));
    return { path, sizeBytes: size, sha256: await hash };
  } catch (error) {
    return { path, skipped: (error as Error).message };
  }
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest("hex");
}
