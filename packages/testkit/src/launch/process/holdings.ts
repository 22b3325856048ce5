import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { listPids, readLastPid, readStatus } from "./process-status.js";

/** What one process has open that a process which it started may inherit: sockets, pipes, and files that it writes. By identity. */
export type Holdings = ReadonlyMap<string, string>;

/** A server may hold thousands of connections, which no child inherits. */
const MOST_FILES = 512;
/** Of `flags` in `/proc/<pid>/fdinfo`, see open(2). */
const ACCESS_MODE = 0o3;
const onLinux = process.platform === "linux";

/** What the test runner and its ancestors have open, and so may pass on to anyone: a pipe of the shell, a log of the CI. */
let shared: Holdings | undefined;

/**
 * What these processes have open and the test runner does not, with a description. Empty outside Linux. About 10 µs per open file.
 */
export function readHoldings(pids: Iterable<number>): Holdings {
  shared ??= readAll([process.pid, ...listAncestors(process.pid)]);
  const held = new Map(readAll(pids));
  for (const id of shared.keys()) held.delete(id);
  return held;
}

function readAll(pids: Iterable<number>): Holdings {
  const held = new Map<string, string>();
  if (!onLinux) return held;
  for (const pid of pids) {
    for (const name of listFiles(pid)) {
      const file = identify(pid, name);
      if (file !== undefined) held.set(file.id, file.shown);
    }
  }
  return held;
}

/** A process that shares something with a worker. */
export interface Heir {
  readonly pid: number;
  readonly parentId: number;
  /** What it shares, as in a message. */
  readonly shared: string;
}

/**
 * The processes that inherited something from a worker and lost their parents: neither a session of its own nor an empty environment hides
 * a process from this. Only those that started after the worker.
 */
export function listHeirs(holdings: Holdings, worker: { readonly pid: number; readonly startTime: string }): Heir[] {
  if (!onLinux || holdings.size === 0) return [];
  // An orphan gets init as its parent, or an ancestor that has asked for orphans. Any other process has a living parent to answer for it.
  const adopters = new Set([1, ...listAncestors(process.pid)]);
  // Pids ascend, so the processes before the worker need not be read, unless the pids have started over in between.
  const firstPid = readLastPid() < worker.pid ? 1 : worker.pid;
  return listPids().flatMap((pid) => {
    if (pid < firstPid || pid === worker.pid || pid === process.pid) return [];
    const status = readStatus(pid);
    if (status?.isRunning !== true || !adopters.has(status.parentId)) return [];
    const inherited = Number(status.startTime) < Number(worker.startTime) ? undefined : findShared(pid, holdings);
    return inherited === undefined ? [] : [{ pid, parentId: status.parentId, shared: inherited }];
  });
}

function findShared(pid: number, holdings: Holdings): string | undefined {
  for (const name of listFiles(pid)) {
    const file = identify(pid, name);
    const found = file && holdings.get(file.id);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** From the parent on. */
function listAncestors(pid: number): readonly number[] {
  const found: number[] = [];
  for (let next = readStatus(pid)?.parentId ?? 0; next > 0; next = readStatus(next)?.parentId ?? 0) found.push(next);
  return found;
}

interface OpenFile {
  readonly id: string;
  readonly shown: string;
}

function identify(pid: number, name: string): OpenFile | undefined {
  try {
    const path = `/proc/${pid}/fd/${name}`;
    const target = readlinkSync(path);
    if (target.startsWith("socket:") || target.startsWith("pipe:")) return { id: target, shown: `\`${target}\`` };
    if (!target.startsWith("/") || /^\/(dev|proc|sys)\//.test(target) || !isWritten(pid, name)) return undefined;
    const { dev, ino } = statSync(path);
    return { id: `${dev}:${ino}`, shown: `the file ${target}, open for writing` };
  } catch {
    return undefined; // closed in the meantime
  }
}

function isWritten(pid: number, name: string): boolean {
  const flags = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${name}`, "latin1"))?.[1] ?? "0";
  return (parseInt(flags, 8) & ACCESS_MODE) !== 0;
}

function listFiles(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).slice(0, MOST_FILES);
  } catch {
    return []; // it has ended or belongs to another user
  }
}
