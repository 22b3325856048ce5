import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** A process that belongs to a worker. */
export interface WorkerMember {
  readonly pid: number;
  /** Its command line, cut at 200 characters. */
  readonly command: string;
}

const LONGEST_COMMAND = 200;
const THREAD_COUNT_FIELD = 17;
const onLinux = process.platform === "linux";

/** Sends a signal to every process of a group; a group that is gone is no error. */
export function signalGroup(groupId: number, signal: NodeJS.Signals): void {
  trySignal(-groupId, signal);
}

/** Sends a signal to one process; a process that is gone is no error. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  trySignal(pid, signal);
}

/** Says whether no process of a group is left, not even a zombie: only then may its number be used again. */
export function isGroupGone(groupId: number): boolean {
  return !trySignal(-groupId, 0);
}

/** The processes of a group that still run. `kill(-group, 0)` counts zombies as well, hence the look at each state. */
export function listGroup(groupId: number): readonly WorkerMember[] {
  if (isGroupGone(groupId)) return [];
  return onLinux ? listGroupInProc(groupId) : listGroupWithPs(groupId);
}

/**
 * The running processes that carry a worker's mark in the environment that they were started with, whatever group they
 * are in. Linux only; elsewhere the answer is empty. About 25 µs for each process of the machine.
 */
export function listMarked(token: string): readonly WorkerMember[] {
  if (!onLinux) return [];
  return listPids()
    .filter((pid) => tryRead(`/proc/${pid}/environ`).includes(token))
    .map((pid) => ({ pid, command: readCommand(pid) }));
}

/**
 * Says whether a process still runs. One that is being killed loses its environment before it closes its sockets, so being
 * found no more by {@link listMarked} is not enough to call it gone.
 */
export function isRunning(pid: number): boolean {
  if (!onLinux) return trySignal(pid, 0);
  return readStatus(pid)?.isRunning === true;
}

function listGroupInProc(groupId: number): readonly WorkerMember[] {
  return listPids().flatMap((pid) => {
    const status = readStatus(pid);
    return status?.groupId === groupId && status.isRunning ? [{ pid, command: readCommand(pid) }] : [];
  });
}

/** Reads `/proc/<pid>/stat`, see proc(5): state, parent, group … and as number 18 from there the number of threads. */
function readStatus(pid: number): { groupId: number; isRunning: boolean } | undefined {
  const stat = tryRead(`/proc/${pid}/stat`);
  if (stat === "") return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ", THREAD_COUNT_FIELD + 1);
  // A zombie with several threads is not dead: one of the others still holds its open files and sockets.
  const isRunning = !isDeadState(fields[0]) || Number(fields[THREAD_COUNT_FIELD]) > 1;
  return { groupId: Number(fields[2]), isRunning };
}

function listGroupWithPs(groupId: number): readonly WorkerMember[] {
  const table = execFileSync("ps", ["-A", "-o", "pid=,pgid=,state=,command="], { encoding: "utf8" });
  return table.split("\n").flatMap((row) => {
    const [, pid, group, state, command = ""] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s*(.*)$/.exec(row) ?? [];
    if (Number(group) !== groupId || isDeadState(state)) return [];
    return [{ pid: Number(pid), command: command.slice(0, LONGEST_COMMAND) }];
  });
}

/** The pids of all processes that can be seen. Linux only. */
export function listPids(): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0);
}

/** The command line of a process, cut at 200 characters; empty once it is gone. Linux only. */
export function readCommand(pid: number): string {
  const command = tryRead(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
  return (command === "" ? tryRead(`/proc/${pid}/comm`).trim() : command).slice(0, LONGEST_COMMAND);
}

function isDeadState(state: string | undefined): boolean {
  return state === undefined || /^[ZX]/.test(state);
}

/** Processes end while they are looked at, and those of other users cannot be read: both are nothing to report. */
function tryRead(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

function trySignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
