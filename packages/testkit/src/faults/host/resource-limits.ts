import { existsSync, readlinkSync } from "node:fs";
import { readLimit, shellWrapper, type HostLimit, type MissingLimit } from "./host-limit.js";

/** The unit of `ulimit -f` (POSIX). */
const BLOCK_BYTES = 512;
const FULL_DEVICE = "/dev/full";

/** Limits open files, both soft and hard: Node raises the soft limit to the hard one. */
export function openFilesLimit({ limit }: { readonly limit: number }): HostLimit | MissingLimit {
  const allowed = Number(readLimit(process.pid, "Max open files").split("/")[1]);
  if (limit > allowed) return { reason: `this process itself may have only ${allowed} open files` };
  return createLimit("Max open files", { flag: "n", units: limit, value: limit });
}

/** Limits the size of files, rounded up to blocks of 512 bytes. */
export function fileSizeLimit({ bytes }: { readonly bytes: number }): HostLimit | MissingLimit {
  const units = Math.ceil(bytes / BLOCK_BYTES);
  const allowed = Number(readLimit(process.pid, "Max file size").split("/")[1]);
  if (units * BLOCK_BYTES > allowed) return { reason: `this process itself may write only ${allowed} bytes per file` };
  return createLimit("Max file size", { flag: "f", units, value: units * BLOCK_BYTES });
}

/** Sends stderr to a device that is always full. Not possible for stdout, which has the ready line. */
export function diskFull(): HostLimit | MissingLimit {
  if (!existsSync(FULL_DEVICE)) return { reason: `there is no ${FULL_DEVICE}` };
  return {
    wrapper: shellWrapper("disk-full", `exec 2>${FULL_DEVICE}`),
    findProblem: (pid) => {
      const target = readLink(`/proc/${pid}/fd/2`);
      return target === FULL_DEVICE ? undefined : `stderr is ${target}`;
    },
  };
}

function createLimit(name: string, { flag, units, value }: { flag: string; units: number; value: number }): HostLimit {
  return {
    wrapper: shellWrapper(name, `ulimit -${flag} ${units}`),
    findProblem: (pid) => {
      const found = readLimit(pid, name);
      return found === `${value}/${value}` ? undefined : `"${name}" is ${found}`;
    },
  };
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "unknown";
  }
}
