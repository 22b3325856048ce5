import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** What the operating system reports about one process. */
export interface ProcessStatus {
  readonly pid: number;
  readonly parentId: number;
  readonly groupId: number;
  /** The session; where `ps` does not report it (macOS), the group, which never spans two sessions. */
  readonly sessionId: number;
  /** Opaque; together with the pid it identifies one process for good, although pids are reused. */
  readonly startTime: string;
  /** False for a zombie. */
  readonly isRunning: boolean;
  /** It is running but has begun to exit: its files and sockets may already be closed. */
  readonly isEnding: boolean;
}

/** Fields of `/proc/<pid>/stat` after the command, see proc(5). */
const FLAGS_FIELD = 6;
const THREAD_COUNT_FIELD = 17;
const START_TIME_FIELD = 19;
/** `PF_EXITING` of the kernel, among the flags. */
const ENDING_FLAG = 0x4;
const onLinux = process.platform === "linux";
const PS_ROW = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/;

/** `undefined` if there is no such process. About 20 µs on Linux; elsewhere `ps` is run, which takes milliseconds. */
export function readStatus(pid: number): ProcessStatus | undefined {
  return onLinux ? parseStat(pid, readOf(pid, "stat")) : readStatusWithPs(pid);
}

/** All processes of the machine, by pid. About 20 µs each on Linux. */
export function readTable(): ReadonlyMap<number, ProcessStatus> {
  const all = onLinux ? listPids().map(readStatus) : readRowsWithPs(["-A"]);
  return new Map(all.filter((status) => status !== undefined).map((status) => [status.pid, status]));
}

/** Pids of all processes; Linux only. */
export function listPids(): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0);
}

/** The pid that was given out last: smaller than that of a process that runs if the pids have started over since. Linux only. */
export function readLastPid(): number {
  return Number(readFileSync("/proc/loadavg", "latin1").trim().split(" ").at(-1));
}

/** A file of `/proc/<pid>`. Empty for a process that ends while it is read or belongs to another user. */
export function readOf(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return "";
  }
}

/** Whether an id belongs to a process and not to a thread, which also has a `/proc/<id>` that no listing shows. Linux only. */
export function isThread(id: number): boolean {
  return Number(/^Tgid:\s*(\d+)$/m.exec(readOf(id, "status"))?.[1] ?? id) !== id;
}

function parseStat(pid: number, stat: string): ProcessStatus | undefined {
  if (stat === "") return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ", START_TIME_FIELD + 1);
  return {
    pid,
    parentId: Number(fields[1]),
    groupId: Number(fields[2]),
    sessionId: Number(fields[3]),
    startTime: fields[START_TIME_FIELD] ?? "",
    // A zombie with several threads is not dead: another thread still has its files and sockets open.
    isRunning: !isDeadState(fields[0]) || Number(fields[THREAD_COUNT_FIELD]) > 1,
    isEnding: (Number(fields[FLAGS_FIELD]) & ENDING_FLAG) !== 0,
  };
}

function readStatusWithPs(pid: number): ProcessStatus | undefined {
  try {
    return readRowsWithPs(["-p", String(pid)])[0];
  } catch {
    return undefined; // ps exits with 1 when there is no such process
  }
}

/** Exported for the test: on Linux, `ps` and `/proc` must agree. */
export function readRowsWithPs(selection: readonly string[]): readonly ProcessStatus[] {
  const columns = "pid=,ppid=,pgid=,state=,lstart=";
  const table = execFileSync("ps", [...selection, "-o", columns], {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
  });
  return table.split("\n").flatMap((row) => {
    const [, pid, parent, group, state, startTime = ""] = PS_ROW.exec(row) ?? [];
    if (pid === undefined) return [];
    const groupId = Number(group);
    return [
      {
        pid: Number(pid),
        parentId: Number(parent),
        groupId,
        sessionId: groupId,
        startTime: startTime.replaceAll(/\s+/g, "_"),
        isRunning: !isDeadState(state),
        isEnding: state?.includes("E") === true, // macOS: the process is trying to exit
      },
    ];
  });
}

function isDeadState(state: string | undefined): boolean {
  return state === undefined || /^[ZX]/.test(state);
}
