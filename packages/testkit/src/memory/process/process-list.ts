import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** A process on the machine. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Distinguishes it from a later process with the same pid; empty where the system does not report it. */
  readonly startedAt: string;
}

/** Reads the processes of the machine and their memory. */
export interface ProcessReader {
  list(): Promise<readonly ProcessRow[]> | readonly ProcessRow[];
  /** Resident memory in bytes; ended processes are missing. */
  residentBytes(pids: readonly number[]): Promise<ReadonlyMap<number, number>> | ReadonlyMap<number, number>;
}

const KIB = 1024;
const PS_TIMEOUT_MS = 5_000;
const START_TIME_FIELD = 19;

/** Linux: reads `/proc`, about 20 µs per listed process, without starting a process. */
export const procReader: ProcessReader = {
  list: () =>
    readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? parseStat(name, tryRead(`/proc/${name}/stat`)) : [])),
  residentBytes: (pids) =>
    new Map(
      pids.flatMap((pid) => {
        const bytes = parseResident(tryRead(`/proc/${pid}/status`));
        return bytes === undefined ? [] : [[pid, bytes] as const];
      }),
    ),
};

/** On other systems: runs `ps` each time. */
export const psReader: ProcessReader = {
  list: async () => parsePs(await runPs(["-A", "-o", "pid=,ppid=,pgid=,rss="])).map(({ row }) => row),
  residentBytes: async (pids) => {
    const table = parsePs(await runPs(["-A", "-o", "pid=,ppid=,pgid=,rss="]));
    return new Map(table.flatMap(({ row, bytes }) => (pids.includes(row.pid) ? [[row.pid, bytes] as const] : [])));
  },
};

/** The rows of `ps -o pid=,ppid=,pgid=,rss=`; resident memory is in KiB, also on macOS. */
export function parsePs(text: string): { row: ProcessRow; bytes: number }[] {
  return text.split("\n").flatMap((line) => {
    const cells = line.trim().split(/\s+/).map(Number);
    const [pid = NaN, parent = NaN, group = NaN, kibibytes = NaN] = cells;
    if (cells.length !== 4 || cells.some(Number.isNaN)) return [];
    return [{ row: { pid, parent, group, startedAt: "" }, bytes: kibibytes * KIB }];
  });
}

/**
 * See proc(5): the name in parentheses may contain anything; it is followed by state, parent, group … and, in 20th place,
 * the start time.
 */
function parseStat(name: string, stat: string): ProcessRow[] {
  if (stat === "") return [];
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const startedAt = fields[START_TIME_FIELD] ?? "";
  return [{ pid: Number(name), parent: Number(fields[1]), group: Number(fields[2]), startedAt }];
}

/** `VmRSS` of `/proc/<pid>/status`, in KiB whatever the page size; a zombie has none. */
function parseResident(status: string): number | undefined {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * KIB;
}

/** Processes may end while they are being read. */
function tryRead(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

function runPs(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile("ps", args, { timeout: PS_TIMEOUT_MS }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`ps failed: ${error.message}`));
    });
  });
}
