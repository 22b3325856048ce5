import { isRunning } from "../launch/index.js";

const POLL_MS = 200;

/**
 * Calls back once, with the reason, when the parent of this process or one of the given processes is gone. The end of stdin says the same,
 * but it does not come if a third process has inherited the other end of the pipe.
 */
export class ParentWatch {
  readonly #parent = process.ppid;
  readonly #others = new Set<number>();
  readonly #timer: NodeJS.Timeout;

  constructor(onGone: (reason: string) => void) {
    this.#timer = setInterval(() => {
      const reason = this.#findReason();
      if (reason === undefined) return;
      this.stop();
      onGone(reason);
    }, POLL_MS);
  }

  /** Watches one more process. */
  add(pid: number): void {
    this.#others.add(pid);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #findReason(): string | undefined {
    if (process.ppid !== this.#parent) return `its parent, process ${this.#parent}, is gone`;
    const gone = [...this.#others].find((pid) => !isRunning(pid));
    return gone === undefined ? undefined : `the client, process ${gone}, is gone`;
  }
}
