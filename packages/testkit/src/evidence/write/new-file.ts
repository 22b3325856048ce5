import { open, rm, type FileHandle } from "node:fs/promises";
import { basename } from "node:path";

/** Bundles contain prompts and logs, so only their owner may read them. */
const FILE_MODE = 0o600;

/**
 * Creates and writes a file. It is always a new file: anything that already exists at the path (a link, a pipe, a hard link) is
 * removed and never written to.
 *
 * @throws the system's error with the name of the file.
 */
export async function writeNewFile<T>(path: string, write: (file: FileHandle) => Promise<T>): Promise<T> {
  try {
    await rm(path, { force: true });
    const file = await open(path, "wx", FILE_MODE);
    try {
      return await write(file);
    } finally {
      await file.close(); // some file systems report a full disk only now
    }
  } catch (cause) {
    throw new Error(`${basename(path)}: ${(cause as Error).message}`, { cause });
  }
}
