import { randomUUID } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TestkitError } from "../../errors/index.js";
import { openLockFolder, pause, readStatus, tryLockFile } from "../../launch/index.js";
import { isRecord } from "../../options/index.js";

/** A process that has a share of a GPU, or waits for one. */
export interface LedgerEntry {
  readonly id: string;
  /** Whose it is, for those who wait. */
  readonly name: string;
  readonly pid: number;
  /** Together with the pid it identifies a process for good. */
  readonly startTime: string;
  /** When it began to wait, ms since 1970. */
  readonly since: number;
  /** What it may use, in bytes; undefined for all of a GPU. */
  readonly bytes: number | undefined;
  /** The GPU that it has; undefined while it waits. */
  readonly uuid?: string | undefined;
}

interface LedgerContent {
  /** In the order of their arrival. */
  readonly entries: readonly LedgerEntry[];
  /** What the last run of each name used at most, in bytes. */
  readonly peaks: Readonly<Record<string, number>>;
}

const FILE = "ledger.json";
/** The file is held for less than a millisecond. */
const LOCK_TIMEOUT_MS = 10_000;
const LOCK_PAUSE_MS = 5;

/** What all test processes of this user on this machine share: who has which part of which GPU. */
export class LedgerFile {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws {PORT_UNAVAILABLE} no folder can be used. */
  static async open(folder?: string): Promise<LedgerFile> {
    return new LedgerFile(folder ?? (await openLockFolder("gpus")));
  }

  /**
   * Changes the content while no other process does. Entries of processes that have ended are gone before.
   *
   * @param change may change nothing; its result is the result. @throws {GPU_MEMORY_TIMEOUT} the ledger is locked for 10 s.
   */
  async update<T>(change: (content: LedgerContent) => { content: LedgerContent; result: T }): Promise<T> {
    const lock = await this.#lock();
    try {
      const before = this.#read();
      const living = { ...before, entries: before.entries.filter(isAlive) };
      const { content, result } = change(living);
      const isSame = content === living && living.entries.length === before.entries.length;
      if (!isSame) this.#write(content);
      return result;
    } finally {
      lock.release();
    }
  }

  async #lock(): Promise<{ release(): void }> {
    const path = join(this.#folder, "0.lock");
    const endAtMs = performance.now() + LOCK_TIMEOUT_MS;
    for (;;) {
      const lock = tryLockFile(path);
      if (lock !== undefined) return lock;
      if (performance.now() >= endAtMs) {
        throw new TestkitError("GPU_MEMORY_TIMEOUT", {
          message: `The ledger of the GPUs was locked for ${LOCK_TIMEOUT_MS} ms: ${path}`,
          hint: "A process that holds it hangs: its pid is the first part of the link's target.",
        });
      }
      await pause(LOCK_PAUSE_MS);
    }
  }

  /** A ledger that cannot be read is an empty one: it is lost with every restart of the machine as well. */
  #read(): LedgerContent {
    try {
      const value: unknown = JSON.parse(readFileSync(join(this.#folder, FILE), "utf8"));
      if (isRecord(value) && Array.isArray(value["entries"]) && isRecord(value["peaks"])) {
        return value as unknown as LedgerContent;
      }
    } catch {
      // none yet, or not one of this version
    }
    return { entries: [], peaks: {} };
  }

  #write(content: LedgerContent): void {
    const path = join(this.#folder, FILE);
    const temporary = `${path}.${randomUUID()}`;
    writeFileSync(temporary, JSON.stringify(content), { mode: 0o600 });
    renameSync(temporary, path);
  }
}

function isAlive({ pid, startTime }: LedgerEntry): boolean {
  const status = readStatus(pid);
  return status?.isRunning === true && status.startTime === startTime;
}
