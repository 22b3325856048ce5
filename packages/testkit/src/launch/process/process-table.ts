import { execFileSync } from "node:child_process";
import { listPids, readOf, readStatus, readTable } from "./process-status.js";

/** A process that belongs to a worker. */
export interface WorkerMember {
  readonly pid: number;
  /** Its command line, truncated to 200 characters. */
  readonly command: string;
}

const LONGEST_COMMAND = 200;
const onLinux = process.platform === "linux";

/** Sends a signal to every process of a group; a group that no longer exists is not an error. */
export function signalGroup(groupId: number, signal: NodeJS.Signals): void {
  trySignal(-groupId, signal);
}

/** Sends a signal to one process; a process that no longer exists is not an error. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  trySignal(pid, signal);
}

/** Whether no process of a group is left, not even a zombie: only then may its id be reused. */
export function isGroupGone(groupId: number): boolean {
  return !trySignal(-groupId, 0);
}

/** The running processes of a group. `kill(-group, 0)` also counts zombies, so the state of each is checked. */
export function listGroup(groupId: number): readonly WorkerMember[] {
  if (isGroupGone(groupId)) return [];
  return [...readTable().values()]
    .filter((status) => status.groupId === groupId && status.isRunning)
    .map(({ pid }) => ({ pid, command: readCommand(pid) }));
}

/**
 * The running processes, in any group, that carry a worker's mark in the environment they were started with. Linux only;
 * empty elsewhere. Takes about 25 µs per process of the machine.
 */
export function listMarked(token: string): readonly WorkerMember[] {
  if (!onLinux) return [];
  return listPids()
    .filter((pid) => readOf(pid, "environ").includes(token))
    .map((pid) => ({ pid, command: readCommand(pid) }));
}

/**
 * Whether a process is still running. A process that is being killed loses its environment before it closes its sockets,
 * so disappearing from {@link listMarked} does not mean that it is gone.
 */
export function isRunning(pid: number): boolean {
  if (!onLinux) return trySignal(pid, 0);
  return readStatus(pid)?.isRunning === true;
}

/** The command line of a process, or its name if it has none; truncated to 200 characters. */
export function readCommand(pid: number): string {
  const command = onLinux ? readOf(pid, "cmdline").replaceAll("\0", " ").trim() : readCommandWithPs(pid);
  return (command === "" ? readOf(pid, "comm").trim() : command).slice(0, LONGEST_COMMAND);
}

function readCommandWithPs(pid: number): string {
  try {
    return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).trim();
  } catch {
    return ""; // the process is gone
  }
}

function trySignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
