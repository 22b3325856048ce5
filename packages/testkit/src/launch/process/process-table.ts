import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** A process that belongs to a worker. */
export interface WorkerMember {
  readonly pid: number;
  /** Its command line, cut at 200 characters. */
  readonly command: string;
}

const LONGEST_COMMAND = 200;
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

function listGroupInProc(groupId: number): readonly WorkerMember[] {
  const members: WorkerMember[] = [];
  for (const pid of listPids()) {
    const stat = tryRead(`/proc/${pid}/stat`);
    const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ", 3);
    if (Number(group) === groupId && isRunning(state)) members.push({ pid, command: readCommand(pid) });
  }
  return members;
}

function listGroupWithPs(groupId: number): readonly WorkerMember[] {
  const table = execFileSync("ps", ["-A", "-o", "pid=,pgid=,state=,command="], { encoding: "utf8" });
  return table.split("\n").flatMap((row) => {
    const [, pid, group, state, command = ""] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s*(.*)$/.exec(row) ?? [];
    if (Number(group) !== groupId || !isRunning(state)) return [];
    return [{ pid: Number(pid), command: command.slice(0, LONGEST_COMMAND) }];
  });
}

function listPids(): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0);
}

function readCommand(pid: number): string {
  const command = tryRead(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
  return (command === "" ? tryRead(`/proc/${pid}/comm`).trim() : command).slice(0, LONGEST_COMMAND);
}

function isRunning(state: string | undefined): boolean {
  return state !== undefined && !/^[ZX]/.test(state);
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
