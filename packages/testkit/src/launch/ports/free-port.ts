import { join } from "node:path";
import { TestkitError } from "../../errors/index.js";
import {
  abortSignal,
  callback,
  defineOptions,
  durationMs,
  resolveOptions,
  text,
  withDefault,
  type OptionsOf,
} from "../../options/index.js";
import { isBindable } from "./bindable.js";
import { openLockFolder } from "./lock-folder.js";
import { removeLeftovers, tryLockPort, type PortLock } from "./port-lock.js";
import { countPorts, portAt, resolvePortRanges } from "./port-range.js";

/** A port that {@link findFreePort} does not return to any other caller until it is released. */
export interface FreePort {
  readonly port: number;
  /** Releases the port; may be called more than once. The port is also released when this process ends, however it ends. */
  release(): void;
  [Symbol.dispose](): void;
}

const FIND_FREE_PORT_OPTIONS = defineOptions({
  /** Address on which the port must be free. @default "127.0.0.1" */
  host: withDefault(text({ filled: true }), "127.0.0.1"),
  /** Time-out of the search, in ms. @default 10000 */
  timeoutMs: withDefault(durationMs(), 10_000),
  /** Ends the search; the promise rejects with the signal's reason. */
  signal: abortSignal(),
  /** Returns where the search begins, from 0 up to but not including 1. @default Math.random */
  random: withDefault(callback<() => number>(), Math.random),
});

/** Options of {@link findFreePort}. */
export interface FindFreePortOptions extends OptionsOf<typeof FIND_FREE_PORT_OPTIONS> {}

/**
 * Finds a port that a program can listen on and reserves it across all processes of this user with a lock file in a folder
 * of this user. The port is outside the ephemeral range where that leaves enough room, so that port-0 binds and outgoing
 * connections of other processes do not take it. A program that does not use this function can still take it before yours
 * binds: prefer workers that bind port 0 and report the port.
 *
 * @throws {PORT_UNAVAILABLE} no port was found in time, or no folder can hold the locks.
 * @example using free = await findFreePort(); spawnServer(free.port);
 */
export async function findFreePort(options: FindFreePortOptions = {}): Promise<FreePort> {
  const { host, timeoutMs, signal, random } = resolveOptions(FIND_FREE_PORT_OPTIONS, options);
  const folder = await openLockFolder("ports");
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

/** The locks of this process by path. */
const held = new Map<string, PortLock>();
let releasesAtExit = false;

/** A process that ends normally removes its locks; those of a killed process are taken over by others. */
function holdUntilExit(path: string, lock: PortLock): () => void {
  held.set(path, lock);
  if (!releasesAtExit) process.once("exit", () => held.forEach((each) => each.release()));
  releasesAtExit = true;
  return () => {
    if (held.get(path) === lock) held.delete(path);
    lock.release();
  };
}
