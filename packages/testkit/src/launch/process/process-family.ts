import { readdirSync, readFileSync } from "node:fs";
import { readTable } from "./process-status.js";
import { listMarked } from "./process-table.js";

/**
 * The pids of a worker's processes: the worker, its process group, all processes with its mark, and the descendants of these. Takes
 * about 25 µs per process of the machine on Linux; elsewhere one run of `ps`, without marks.
 */
export function listFamily(worker: { readonly pid: number; readonly token: string }): ReadonlySet<number> {
  const family = new Set([worker.pid, ...listMarked(worker.token).map(({ pid }) => pid)]);
  const rows = [...readTable().values()];
  for (let knownCount = 0; knownCount < family.size;) {
    knownCount = family.size;
    for (const { pid, parentId, groupId } of rows) {
      if (family.has(parentId) || groupId === worker.pid) family.add(pid);
    }
  }
  return family;
}

/**
 * The children of a process, recursively, as long as they have their parents. Cheap, because only their own entries are read. Empty
 * where the kernel does not list children. Linux only.
 */
export function listDescendants(pid: number): readonly number[] {
  const found: number[] = [];
  for (let parents = [pid]; parents.length > 0; found.push(...parents)) parents = parents.flatMap(readChildren);
  return found;
}

/** A child belongs to the thread that started it. */
function readChildren(pid: number): number[] {
  try {
    const folder = `/proc/${pid}/task`;
    const lists = readdirSync(folder).map((thread) => readFileSync(`${folder}/${thread}/children`, "latin1"));
    return lists.flatMap((list) => list.trim().split(" ").map(Number)).filter((child) => child > 0);
  } catch {
    return []; // ended in the meantime
  }
}
