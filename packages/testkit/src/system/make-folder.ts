import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Creates a folder and its parents. Node's own recursive mkdir never returns if the parent exists but refuses new entries (as `/proc`
 * does, seen with Node 20.20).
 *
 * @param path an absolute path.
 * @param mode of the created folders; existing ones keep theirs.
 * @returns the topmost created folder; `undefined` if all existed.
 */
export async function makeFolder(path: string, mode = 0o777): Promise<string | undefined> {
  const first = await tryMake(path, mode);
  if (first !== "no parent") return first === "made" ? path : undefined;
  const parent = dirname(path);
  if (parent === path) throw new Error(`${path} cannot be created`);
  const made = await makeFolder(parent, mode);
  const second = await tryMake(path, mode);
  if (second === "no parent") await mkdir(path); // the parent is there: the system's own reason is the error
  return made ?? (second === "there" ? undefined : path);
}

async function tryMake(path: string, mode: number): Promise<"made" | "there" | "no parent"> {
  try {
    await mkdir(path, { mode });
    return "made";
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return "no parent";
    if ((await stat(path).catch(() => undefined))?.isDirectory() === true) return "there";
    throw error;
  }
}
