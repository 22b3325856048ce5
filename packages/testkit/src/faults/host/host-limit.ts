import { readFileSync } from "node:fs";

/** An operating-system limit for one program. */
export interface HostLimit {
  /** Prepended to the command; ends with `exec`, so that the worker is the started process. */
  readonly wrapper: readonly string[];
  /** Checks that the limit is in force for a process; returns the problem, or `undefined`. */
  readonly findProblem: (pid: number) => string | undefined;
  /** Releases host resources when the process is gone; never throws. */
  readonly release?: (() => Promise<void>) | undefined;
}

/** Why a limit cannot be set here. */
export interface MissingLimit {
  readonly reason: string;
}

/** A wrapper that runs a shell line and then the command. */
export function shellWrapper(name: string, line: string): readonly string[] {
  return ["/bin/sh", "-c", `${line} && exec "$@"`, name];
}

/** Reads a file of `/proc`; empty if the process is gone. */
export function readProc(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

/** The soft and hard value of a process limit, from `/proc/<pid>/limits`. */
export function readLimit(pid: number, name: string): string {
  const line = readProc(`/proc/${pid}/limits`)
    .split("\n")
    .find((each) => each.startsWith(name));
  return line === undefined ? "unknown" : line.slice(name.length).trim().split(/\s+/).slice(0, 2).join("/");
}
