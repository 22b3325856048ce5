import { listDescendants, readOf } from "../launch/index.js";
import { procReader, psReader, type ProcessReader } from "../memory/process/process-list.js";
import { ProcessTree } from "../memory/process/process-tree.js";

const KIB = 1024;

/** Like `procReader`, without the pages of mapped files: those of a model come and go with what the kernel caches. */
const ownReader: ProcessReader = {
  list: () => procReader.list(),
  residentBytes: (pids) => new Map(pids.map((pid) => [pid, readAnonymous(pid)] as const)),
};

/**
 * The memory of a worker and everything it started; on systems without `/proc`, with mapped files. Reading every process of the machine takes
 * milliseconds, so those that lost their parent are searched for now and then only; the children of a process are always read.
 */
export class OwnMemory {
  readonly #pid: number;
  readonly #hasProc = process.platform === "linux";
  readonly #tree: ProcessTree;

  constructor(pid: number) {
    this.#pid = pid;
    this.#tree = new ProcessTree(pid, this.#hasProc ? ownReader : psReader);
  }

  async read(): Promise<number> {
    const known = await this.#tree.residentBytes("if-due");
    if (!this.#hasProc) return known;
    const others = listDescendants(this.#pid).filter((pid) => !this.#tree.seenPids.has(pid));
    return others.reduce((sum, pid) => sum + readAnonymous(pid), known);
  }
}

/** 0 for a process that has ended. */
function readAnonymous(pid: number): number {
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(readOf(pid, "status"))?.[1] ?? 0) * KIB;
}
