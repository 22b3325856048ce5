import { join } from "node:path";
import { TestkitError } from "../../errors/index.js";
import { checkPositive } from "../../errors/index.js";
import { isBindable } from "./bindable.js";
import { openLockFolder } from "./lock-folder.js";
import { tryLockPort, type PortLock } from "./port-lock.js";
import { removeLeftovers } from "./lock-leftovers.js";
import { countPorts, portAt, resolvePortRanges } from "./port-range.js";

/** A port that nobody else who asks {@link findFreePort} gets until it is released. */
export interface FreePort {
  readonly port: number;
  /** Gives the port back; may be called more than once. The end of this process gives it back as well, however it ends. */
  release(): void;
  [Symbol.dispose](): void;
}

/** Options of {@link findFreePort}. */
export interface FindFreePortOptions {
  /** Address on which the port must be free. @default "127.0.0.1" */
  readonly host?: string | undefined;
  /** Longest search in milliseconds. @default 10000 */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Where the search begins, from 0 up to but not including 1. @default Math.random */
  readonly random?: (() => number) | undefined;
}

/**
 * Finds a port on which a program can listen, and reserves it across all processes of this user by a lock file in a
 * folder of this user. The port lies outside of the ephemeral range where that leaves enough room, so that port-0
 * binds and outgoing connections of others do not take it. A program that does not use this function can still take it
 * before yours binds: prefer workers that bind port 0 and report it.
 *
 * @throws {PORT_UNAVAILABLE} no port was found in time, or no folder can hold the locks.
 * @example using free = await findFreePort(); spawnServer(free.port);
 */
export async function findFreePort(options: FindFreePortOptions = {}): Promise<FreePort> {
  const { host = "127.0.0.1", timeoutMs = 10_000, signal, random = Math.random } = options;
  checkPositive("timeoutMs", timeoutMs);
  const folder = await openLockFolder();
  removeLeftovers(folder);
  const ranges = resolvePortRanges();
  const portCount = countPorts(ranges);
  const start = Math.floor(random() * portCount);
  const deadline = performance.now() + timeoutMs;
  for (let step = 0; step < portCount && performance.now() < deadline; step += 1) {
    signal?.throwIfAborted();
    const free = await tryReserve(folder, host, portAt(ranges, start + step));
    if (free !== undefined) return free;
  }
  throw new TestkitError("PORT_UNAVAILABLE", {
    message: `No free port was found on ${host} within ${timeoutMs} ms`,
    details: { host, ranges: ranges.map(({ first, last }) => `${first}-${last}`), lockFolder: folder },
  });
}

async function tryReserve(folder: string, host: string, port: number): Promise<FreePort | undefined> {
  const path = join(folder, `${port}.lock`);
  const lock = held.has(path) ? undefined : tryLockPort(path);
  if (lock === undefined) return undefined;
  if (!(await isBindable(host, port))) {
    lock.release();
    return undefined;
  }
  const release = holdUntilExit(path, lock);
  return { port, release, [Symbol.dispose]: release };
}

/** The locks of this process by their paths. */
const held = new Map<string, PortLock>();
let releasesAtExit = false;

/** A killed process leaves its locks to the take-over; one that ends normally removes them. */
function holdUntilExit(path: string, lock: PortLock): () => void {
  held.set(path, lock);
  if (!releasesAtExit) process.once("exit", () => held.forEach((each) => each.release()));
  releasesAtExit = true;
  return () => {
    if (held.get(path) === lock) held.delete(path);
    lock.release();
  };
}
