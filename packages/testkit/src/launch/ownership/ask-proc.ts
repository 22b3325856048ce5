import { readdirSync, readlinkSync } from "node:fs";
import { listDescendants, listFamily } from "../process/process-family.js";
import { listPids } from "../process/process-status.js";
import { readCommand } from "../process/process-table.js";
import { findListeningSockets, type ListeningSocket } from "./listening-sockets.js";
import type { OwnerQuestion, PortOwner } from "./port-owner.js";

/** A socket may be closed or passed on between reading the socket table and reading the processes. */
const MOST_LOOKS = 3;

/**
 * Checks in `/proc` that every listening socket of the port is open in one of the worker's processes. The worker itself is checked
 * first, then its children, its whole family and all other processes, so that the usual case takes less than a millisecond.
 *
 * @returns `undefined` if nothing listens there.
 */
export function askProc(question: OwnerQuestion): PortOwner | undefined {
  const { address, port, worker } = question;
  let found: Found = { sockets: [] };
  for (let look = 1; look <= MOST_LOOKS; look += 1) {
    const sockets = findListeningSockets(address, port);
    if (sockets === undefined) return { status: "unverified", reason: "/proc/net/tcp cannot be read" };
    if (sockets.length === 0) return undefined;
    found = findOthers(sockets, worker);
    if (found.sockets.length === 0) return { status: "worker" };
    if (found.holder !== undefined) break;
  }
  const { holder, sockets } = found;
  if (holder !== undefined) return { status: "other", pid: holder, command: readCommand(holder) };
  return { status: "unverified", reason: describeHidden(sockets) };
}

interface Found {
  /** Sockets that no process of the worker has open. */
  readonly sockets: readonly ListeningSocket[];
  /** Another process that has one of them open. */
  readonly holder?: number;
}

function findOthers(sockets: readonly ListeningSocket[], worker: OwnerQuestion["worker"]): Found {
  const own = without(sockets, [worker.pid]);
  const near = own.length === 0 ? own : without(own, listDescendants(worker.pid));
  if (near.length === 0) return { sockets: [] };
  const family = listFamily(worker);
  const others = without(near, family);
  if (others.length === 0) return { sockets: [] };
  const holder = listPids().find((pid) => !family.has(pid) && without(others, [pid]).length < others.length);
  return holder === undefined ? { sockets: others } : { sockets: others, holder };
}

/** Sockets that none of these processes has open. */
function without(sockets: readonly ListeningSocket[], pids: Iterable<number>): readonly ListeningSocket[] {
  let left = sockets;
  for (const pid of pids) {
    if (left.length === 0) break;
    const open = listOpenSockets(pid);
    left = left.filter(({ inode }) => !open.has(`socket:[${inode}]`));
  }
  return left;
}

function listOpenSockets(pid: number): ReadonlySet<string> {
  const folder = `/proc/${pid}/fd`;
  const open = new Set<string>();
  try {
    for (const name of readdirSync(folder)) {
      const target = tryReadLink(`${folder}/${name}`);
      if (target?.startsWith("socket:") === true) open.add(target);
    }
  } catch {
    // the process is gone or belongs to another user, so nothing is visible
  }
  return open;
}

function tryReadLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // closed in the meantime
  }
}

function describeHidden(sockets: readonly ListeningSocket[]): string {
  const ownId = process.geteuid?.();
  const foreign = sockets.find(({ userId }) => userId !== ownId);
  if (foreign === undefined) return "no process that this user can inspect has the listening socket open";
  return `the listening socket belongs to user ${foreign.userId}, whose processes user ${ownId ?? "?"} cannot inspect`;
}
