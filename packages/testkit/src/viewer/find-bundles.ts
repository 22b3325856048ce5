import { readdir } from "node:fs/promises";
import { join } from "node:path";

const DEEPEST = 8;
/** A folder with more entries is not one of evidence. */
const MOST_ENTRIES = 200_000;
const SKIPPED = new Set(["node_modules", ".git"]);

/** The folders with a `metadata.json`, in a folder and below it, by name. Links are not followed. */
export async function findBundles(folder: string): Promise<string[]> {
  const found: string[] = [];
  let left = MOST_ENTRIES;
  const visit = async (path: string, depth: number): Promise<void> => {
    const entries = await readdir(path, { withFileTypes: true });
    left -= entries.length;
    if (entries.some((entry) => entry.isFile() && entry.name === "metadata.json")) found.push(path);
    const below = entries.filter((entry) => entry.isDirectory() && !SKIPPED.has(entry.name));
    if (depth >= DEEPEST) return;
    for (const { name } of below) if (left > 0) await visit(join(path, name), depth + 1);
  };
  await visit(folder, 0);
  return found.sort();
}
