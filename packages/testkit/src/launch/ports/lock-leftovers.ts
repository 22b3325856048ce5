import { readdirSync } from "node:fs";
import { join } from "node:path";
import { removeStaleLock } from "./port-lock.js";

const TOMBSTONE = /^\d+\.lock\.dead\./;
/** One takes about 0.1 ms; the next process removes the rest. */
const MOST_REMOVED = 200;
const swept = new Set<string>();

/** Removes the tombstones of processes that died while taking over a lock; once per folder. */
export function removeLeftovers(folder: string): void {
  if (swept.has(folder)) return;
  swept.add(folder);
  const leftovers = readdirSync(folder).filter((name) => TOMBSTONE.test(name));
  for (const name of leftovers.slice(0, MOST_REMOVED)) removeStaleLock(join(folder, name));
}
