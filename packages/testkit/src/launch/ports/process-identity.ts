import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Position of the start time among the fields after the command of `/proc/<pid>/stat` (field 22 of proc(5)). */
const START_TIME_FIELD = 19;

/**
 * Says when a process started, in an opaque form: together with the pid it names one process for good, although pids
 * are used again. `undefined` if there is no such process, or if it is a zombie.
 */
export function findStartTime(pid: number): string | undefined {
  return process.platform === "linux" ? findInProc(pid) : findWithPs(pid);
}

function findInProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[START_TIME_FIELD];
  } catch {
    return undefined; // the process is gone
  }
}

function findWithPs(pid: number): string | undefined {
  try {
    const answer = execFileSync("ps", ["-o", "state=,lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
    return answer.startsWith("Z") ? undefined : answer.replace(/^\S+\s+/, "").replaceAll(/\s+/g, "_");
  } catch {
    return undefined; // ps exits with 1 when there is no such process
  }
}
