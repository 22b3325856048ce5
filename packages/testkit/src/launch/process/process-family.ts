import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { listMarked } from "./process-table.js";

/** One row of the process table. */
interface ProcessRow {
  readonly pid: number;
  readonly parentPid: number;
  readonly groupId: number;
}

/** Longest run of `ps`, where there is no `/proc`. */
const PS_TIMEOUT_MS = 5_000;

/**
 * The pids of a worker's processes: the worker, its process group, all processes with its mark, and the descendants of these. On Linux
 * about 25 µs for each process of the machine; elsewhere one run of `ps`, without marks.
 */
export function listFamily(worker: { readonly pid: number; readonly token: string }): ReadonlySet<number> {
  const family = new Set([worker.pid, ...listMarked(worker.token).map(({ pid }) => pid)]);
  const rows = process.platform === "linux" ? readProc() : readPs();
  for (let knownCount = 0; knownCount < family.size;) {
    knownCount = family.size;
    for (const { pid, parentPid, groupId } of rows) {
      if (family.has(parentPid) || groupId === worker.pid) family.add(pid);
    }
  }
  return family;
}

/**
 * The children of a process and theirs, as far as they still have their parents: cheap, because only their own entries are read. Empty
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
    return []; // ended meanwhile
  }
}

function readProc(): ProcessRow[] {
  return readdirSync("/proc").flatMap((name) => {
    const pid = Number(name);
    const row = pid > 0 ? readStat(pid) : undefined;
    return row === undefined ? [] : [row];
  });
}

function readStat(pid: number): ProcessRow | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [, parentPid, groupId] = stat.slice(stat.lastIndexOf(")") + 2).split(" ", 3);
    return { pid, parentPid: Number(parentPid), groupId: Number(groupId) };
  } catch {
    return undefined; // ended while the table was read
  }
}

function readPs(): ProcessRow[] {
  const table = execFileSync("ps", ["-A", "-o", "pid=,ppid=,pgid="], { encoding: "utf8", timeout: PS_TIMEOUT_MS });
  return table
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([pid = 0, parentPid = 0, groupId = 0]) => (pid > 0 ? [{ pid, parentPid, groupId }] : []));
}
