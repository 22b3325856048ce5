import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { TestModel } from "../../models/index.js";
import type { ExpectedHash } from "./pull-plan.js";

/** A file that passed every possible check. */
export interface VerifiedFile {
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly model: TestModel;
}

/** The SHA-256 of a file is not the expected one. */
export class HashMismatch extends Error {
  readonly sha256: string;

  constructor(sha256: string, expected: string) {
    super(`its SHA-256 is ${sha256}, expected ${expected}`);
    this.sha256 = sha256;
  }
}

/**
 * Compares the hash of a file, if one is expected, and reads its GGUF header.
 *
 * @throws {HashMismatch} the hash differs.
 * @throws {MODEL_INVALID} not GGUF, or shorter than its header declares.
 */
export async function verifyFile(path: string, { sha256: expected }: ExpectedHash): Promise<VerifiedFile> {
  const sha256 = await hashFile(path);
  if (expected !== undefined && expected !== sha256) throw new HashMismatch(sha256, expected);
  return { sizeBytes: (await stat(path)).size, sha256, model: await TestModel.fromFile(path) };
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest("hex");
}
