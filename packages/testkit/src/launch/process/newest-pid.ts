import { closeSync, openSync, readSync } from "node:fs";

const LINE_BYTES = 128;
const NEWEST_PID = /(\d+)\s*$/;
/** Upper bound for the processes started between the spawn of a worker and the next line of code. */
const LARGEST_DISTANCE = 4_096;

/** Reads the newest pid of the system. The file stays open: reading it takes 3 µs, opening and reading it 20 µs. */
export class NewestPid {
  readonly #file: number;
  readonly #line = Buffer.alloc(LINE_BYTES);

  /**
   * `undefined` where the system does not report it: outside Linux, and in sandboxes with a made-up `/proc/loadavg`.
   * `justStarted` is the pid of a process that has just been started, to detect those.
   */
  static open(justStarted: number): NewestPid | undefined {
    try {
      const newest = new NewestPid(openSync("/proc/loadavg", "r"));
      const distance = newest.read() - justStarted;
      if (distance >= 0 && distance < LARGEST_DISTANCE) return newest;
      newest.close();
    } catch {
      // no /proc
    }
    return undefined;
  }

  private constructor(file: number) {
    this.#file = file;
  }

  /** 0 if the line is not as proc(5) describes it. */
  read(): number {
    const length = readSync(this.#file, this.#line, 0, LINE_BYTES, 0);
    return Number(NEWEST_PID.exec(this.#line.toString("latin1", 0, length))?.[1] ?? 0);
  }

  close(): void {
    closeSync(this.#file);
  }
}
