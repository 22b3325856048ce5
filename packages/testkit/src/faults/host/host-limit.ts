import { readFileSync } from "node:fs";

/** A limit of the operating system for one program. */
export interface HostLimit {
  /** Put in front of the command; ends with `exec`, so that the process is the one that was started. */
  readonly wrapper: readonly string[];
  /** Checks that the limit is in force for a process; returns the problem, `undefined` if there is none. */
  readonly findProblem: (pid: number) => string | undefined;
  /** Releases what it took from the host when the process is gone; never throws. */
  readonly release?: (() => Promise<void>) | undefined;
}

/** Why a limit cannot be set here. */
export interface MissingLimit {
  readonly reason: string;
}

/** A wrapper that runs a line of shell and then the command. */
export function shellWrapper(name: string, line: string): readonly string[] {
  return ["/bin/sh", "-c", `${line} && exec "$@"`, name];
}

/** Reads a file of `/proc`; of a process that is gone it is empty. */
export function readProc(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

/** The soft and the hard value of one limit of a process, from `/proc/<pid>/limits`. */
export function readLimit(pid: number, name: string): string {
  const line = readProc(`/proc/${pid}/limits`)
    .split("\n")
    .find((each) => each.startsWith(name));
  return line === undefined ? "unknown" : line.slice(name.length).trim().split(/\s+/).slice(0, 2).join("/");
}
