import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open, readdir, rm, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { writeAll } from "../../system/index.js";

/** Planted links are not followed, and a planted pipe does not block. */
const FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** What identifies the remains of an earlier attempt. */
export interface PartIdentity {
  readonly totalBytes: number;
  /** A hash or a validator, which names the content; without one nothing can be resumed. */
  readonly content: string | undefined;
}

/**
 * A partially downloaded file. It is written from start to end, so its length is its progress, even after a crash. Its name identifies the
 * content, so that the remains of another version are not resumed.
 */
export class PartFile {
  readonly path: string;
  readonly #file: FileHandle;
  #sizeBytes: number;

  private constructor(path: string, file: FileHandle, sizeBytes: number) {
    this.path = path;
    this.#file = file;
    this.#sizeBytes = sizeBytes;
  }

  /** Opens the part of an earlier attempt, or creates one; parts of other versions are removed. */
  static async open(target: string, { totalBytes, content }: PartIdentity): Promise<PartFile> {
    const key = createHash("sha256")
      .update(`${totalBytes} ${content ?? ""}`)
      .digest("hex")
      .slice(0, 16);
    const path = `${target}.${key}.part`;
    await removeOthers(target, path);
    const file = await open(path, FLAGS);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) throw new Error(`${path} is not a regular file`);
      const part = new PartFile(path, file, stat.size);
      if (content === undefined || stat.size > totalBytes) await part.restart();
      return part;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  async append(bytes: Uint8Array): Promise<void> {
    await writeAll(this.#file, bytes, this.#sizeBytes);
    this.#sizeBytes += bytes.byteLength;
  }

  async restart(): Promise<void> {
    await this.#file.truncate(0);
    this.#sizeBytes = 0;
  }

  /** After that, the bytes survive a power failure. */
  async sync(): Promise<void> {
    await this.#file.sync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

async function removeOthers(target: string, path: string): Promise<void> {
  const prefix = `${basename(target)}.`;
  for (const name of await readdir(dirname(target))) {
    const isPart = name.startsWith(prefix) && /^[0-9a-f]{16}\.part$/.test(name.slice(prefix.length));
    const each = join(dirname(target), name);
    if (isPart && each !== path) await rm(each, { force: true });
  }
}
