import { randomUUID } from "node:crypto";
import { readdirSync, readlinkSync, symlinkSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { readStatus } from "../process/process-status.js";

/** A held lock; `release()` may be called more than once. */
export interface PortLock {
  release(): void;
}

/** So many processes in a row may have died while taking over one lock; also ends a circle of tombstones. */
const MOST_TOMBSTONES = 8;
const TOMBSTONE = /^\d+\.lock\.dead\./;
/** One costs about 0.1 ms; what is left the next process removes. */
const MOST_REMOVED = 200;
const swept = new Set<string>();
/** Does not change, and looking it up costs as much as the lock itself. */
let ownStartTime: string | undefined;

/**
 * Takes the lock at `path`, or says `undefined` when a living process holds it. The lock is a symbolic link whose target
 * is `<pid>/<start time>/<unique id>`: made in one atomic step together with its content, so no process ever sees a lock
 * without an owner. A lock of a dead process is taken over.
 */
export function tryLockPort(path: string, depth = 0): PortLock | undefined {
  ownStartTime ??= findStartTime(process.pid) ?? "";
  const own = `${process.pid}/${ownStartTime}/${randomUUID()}`;
  if (!tryLink(own, path) && !(removeStaleLock(path, depth) && tryLink(own, path))) return undefined;
  return { release: () => releaseLock(path, own) };
}

/** Removes the tombstones of processes that died while they took a lock over; once for each folder. */
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
 * Removes a lock whose owner is dead, and says whether the place is free. Two processes may find the same stale lock, and the slower one
 * must not remove the fresh lock that the faster one has just made: so only the holder of the *tombstone of that very lock* may remove
 * it, and looks again while holding it. The tombstone is a lock itself: one whose owner died while taking over is taken over likewise.
 */
function removeStaleLock(path: string, depth = 0): boolean {
  const stale = tryReadLink(path);
  if (stale === undefined) return true; // released meanwhile
  if (depth >= MOST_TOMBSTONES || isOwnerAlive(stale)) return false;
  const tombstone = tryLockPort(findTombstone(path, stale), depth + 1);
  if (tombstone === undefined) return false; // another process is taking over: the next port will do
  try {
    if (tryReadLink(path) === stale) tryUnlink(path);
  } finally {
    tombstone.release();
  }
  return true;
}

/** Named for the port and the unique id of the stale lock, also where that lock is a tombstone: the name does not grow. */
function findTombstone(path: string, stale: string): string {
  const lock = path.replace(/\.dead\.[^/]*$/, "");
  return `${lock}.dead.${stale.slice(stale.lastIndexOf("/") + 1)}`;
}

/** Tombstones of earlier versions have nothing but the pid. */
function isOwnerAlive(owner: string): boolean {
  const match = /^(\d+)(?:\/([^/]*)\/[^/]+)?$/.exec(owner);
  if (match === null) return true; // not ours: leave it alone
  const startTime = findStartTime(Number(match[1]));
  return startTime !== undefined && (!match[2] || startTime === match[2]);
}

/** `undefined` if there is no such process, or if it is a zombie. */
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
