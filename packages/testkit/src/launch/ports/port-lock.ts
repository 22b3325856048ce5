import { randomUUID } from "node:crypto";
import { readdirSync, readlinkSync, symlinkSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { readStatus } from "../process/process-status.js";

/** A held lock; `release()` may be called more than once. */
export interface PortLock {
  release(): void;
}

/** How many processes in a row may have died while taking over one lock; also breaks a cycle of tombstones. */
const MOST_TOMBSTONES = 8;
const TOMBSTONE = /^\d+\.lock\.dead\./;
/** One takes about 0.1 ms; the next process removes the rest. */
const MOST_REMOVED = 200;
const swept = new Set<string>();
/** Constant, and looking it up takes as long as the lock itself. */
let ownStartTime: string | undefined;

/**
 * Takes the lock at `path`; returns `undefined` if a live process holds it. The lock is a symbolic link with the target `<pid>/<start
 * time>/<unique id>`, created atomically together with its content, so no process ever sees a lock without an owner. The lock of a dead
 * process is taken over.
 */
export function tryLockPort(path: string, depth = 0): PortLock | undefined {
  ownStartTime ??= findStartTime(process.pid) ?? "";
  const own = `${process.pid}/${ownStartTime}/${randomUUID()}`;
  if (!tryLink(own, path) && !(removeStaleLock(path, depth) && tryLink(own, path))) return undefined;
  return { release: () => releaseLock(path, own) };
}

/** Removes the tombstones of processes that died while taking over a lock; once per folder. */
export function removeLeftovers(folder: string): void {
  if (swept.has(folder)) return;
  swept.add(folder);
  const leftovers = readdirSync(folder).filter((name) => TOMBSTONE.test(name));
  for (const name of leftovers.slice(0, MOST_REMOVED)) removeStaleLock(join(folder, name));
}

function releaseLock(path: string, own: string): void {
  if (tryReadLink(path) === own) tryUnlink(path);
}

/**
 * Removes a lock whose owner is dead; returns whether the path is free. Two processes may find the same stale lock, and the slower one
 * must not remove the fresh lock that the faster one has just created. So only the holder of the *tombstone of exactly that lock* may
 * remove it, after checking it again. The tombstone is itself a lock: if its owner died during the takeover, it is taken over in the
 * same way.
 */
function removeStaleLock(path: string, depth = 0): boolean {
  const stale = tryReadLink(path);
  if (stale === undefined) return true; // released in the meantime
  if (depth >= MOST_TOMBSTONES || isOwnerAlive(stale)) return false;
  const tombstone = tryLockPort(findTombstone(path, stale), depth + 1);
  if (tombstone === undefined) return false; // another process is taking over: use the next port
  try {
    if (tryReadLink(path) === stale) tryUnlink(path);
  } finally {
    tombstone.release();
  }
  return true;
}

/** Named for the port and the unique id of the stale lock, even if that lock is a tombstone, so that the name does not grow. */
function findTombstone(path: string, stale: string): string {
  const lock = path.replace(/\.dead\.[^/]*$/, "");
  return `${lock}.dead.${stale.slice(stale.lastIndexOf("/") + 1)}`;
}

/** Tombstones of earlier versions contain only the pid. */
function isOwnerAlive(owner: string): boolean {
  const match = /^(\d+)(?:\/([^/]*)\/[^/]+)?$/.exec(owner);
  if (match === null) return true; // not ours: leave it alone
  const startTime = findStartTime(Number(match[1]));
  return startTime !== undefined && (!match[2] || startTime === match[2]);
}

/** `undefined` if there is no such process or it is a zombie. */
function findStartTime(pid: number): string | undefined {
  const status = readStatus(pid);
  return status?.isRunning === true ? status.startTime : undefined;
}

function tryLink(target: string, path: string): boolean {
  try {
    symlinkSync(target, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function tryReadLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function tryUnlink(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
