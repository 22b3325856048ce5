import type { ProcessReader, ProcessRow } from "./process-list.js";

/** Share of one core that the search for new members may take. */
const SEARCH_SHARE = 0.02;

/**
 * A process with all its descendants and all members of its process group. Once seen, a process belongs to the tree until it
 * ends, even if its parent ends first or it moves to another group.
 *
 * Searching for new members means reading every process of the machine. To keep that below 2 % of a core, the next search
 * waits for fifty times the duration of the last one; an idle point always searches.
 */
export class ProcessTree {
  readonly rootPid: number;
  readonly #reader: ProcessReader;
  readonly #members = new Map<number, string>();
  readonly #seen = new Set<number>();
  #nextSearchAt = 0;

  constructor(rootPid: number, reader: ProcessReader) {
    this.rootPid = rootPid;
    this.#reader = reader;
  }

  /** Every process that was ever a member, even if it has ended. */
  get seenPids(): ReadonlySet<number> {
    return this.#seen;
  }

  /** Resident memory of all members in bytes, 0 when none is left. Pages shared by two of them count twice. */
  async residentBytes(search: "always" | "if-due"): Promise<number> {
    await this.refresh(search);
    const bytes = await this.#reader.residentBytes([...this.#members.keys()]);
    return [...bytes.values()].reduce((sum, one) => sum + one, 0);
  }

  /** Searches for new members and for members that have ended. */
  async refresh(search: "always" | "if-due"): Promise<void> {
    if (search === "always" || performance.now() >= this.#nextSearchAt) await this.#search();
  }

  async #search(): Promise<void> {
    const startedAt = performance.now();
    const rows = await this.#reader.list();
    const found = this.#findMembers(rows);
    this.#members.clear();
    for (const { pid, startedAt: birth } of found) {
      this.#members.set(pid, birth);
      this.#seen.add(pid);
    }
    const endedAt = performance.now();
    this.#nextSearchAt = endedAt + (endedAt - startedAt) / SEARCH_SHARE;
  }

  #findMembers(rows: readonly ProcessRow[]): readonly ProcessRow[] {
    const children = groupByParent(rows);
    const found = new Map<number, ProcessRow>();
    const add = (row: ProcessRow): void => {
      if (found.has(row.pid)) return;
      found.set(row.pid, row);
      for (const child of children.get(row.pid) ?? []) add(child);
    };
    for (const row of rows) if (this.#isRoot(row)) add(row);
    return [...found.values()];
  }

  #isRoot({ pid, group, startedAt }: ProcessRow): boolean {
    return pid === this.rootPid || group === this.rootPid || this.#members.get(pid) === startedAt;
  }
}

function groupByParent(rows: readonly ProcessRow[]): Map<number, ProcessRow[]> {
  const children = new Map<number, ProcessRow[]>();
  for (const row of rows) children.set(row.parent, [...(children.get(row.parent) ?? []), row]);
  return children;
}
