import { open, rm, type FileHandle } from "node:fs/promises";
import { basename } from "node:path";

/** Bundles have prompts and logs: they are for their owner alone. */
const FILE_MODE = 0o600;

/**
 * Makes a file and writes it. It is always a new one: what has the name already, be it a link, a pipe or a file with another name, is
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
      await file.close(); // some file systems say only now that there was no room
    }
  } catch (cause) {
    throw new Error(`${basename(path)}: ${(cause as Error).message}`, { cause });
  }
}
