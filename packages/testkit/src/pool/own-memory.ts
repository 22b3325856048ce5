import { readFileSync } from "node:fs";
import { procReader, psReader, type ProcessReader } from "../memory/process/process-list.js";
import { ProcessTree } from "../memory/process/process-tree.js";

const KIB = 1024;

/** Like `procReader`, without the pages of mapped files: those of a model come and go with what the kernel caches. */
const ownReader: ProcessReader = {
  list: () => procReader.list(),
  residentBytes: (pids) =>
    new Map(
      pids.flatMap((pid) => {
        const bytes = readAnonymous(pid);
        return bytes === undefined ? [] : [[pid, bytes] as const];
      }),
    ),
};

/** The memory of a worker and everything it started; on systems without `/proc`, with mapped files. */
export class OwnMemory {
  readonly #tree: ProcessTree;

  constructor(pid: number) {
    this.#tree = new ProcessTree(pid, process.platform === "linux" ? ownReader : psReader);
  }

  read(): Promise<number> {
    return this.#tree.residentBytes("always");
  }
}

function readAnonymous(pid: number): number | undefined {
  try {
    const kibibytes = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * KIB;
  } catch {
    return undefined; // it has ended
  }
}
