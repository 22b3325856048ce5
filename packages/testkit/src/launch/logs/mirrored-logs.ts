import { LogBuffer } from "./log-buffer.js";
import type { LogLine } from "./log-line.js";

const KEPT_LINES = 1_000;

/** The log of a worker that another process started and passes on line by line. */
export class MirroredLogs extends LogBuffer {
  constructor() {
    super(KEPT_LINES);
  }

  /** @param droppedCount lines before it that were lost on the way. */
  add({ stream, text }: LogLine, droppedCount: number): void {
    if (droppedCount > 0)
      this.write("stderr", Buffer.from(`(${droppedCount} lines of the worker were not passed on)\n`));
    this.write(stream, Buffer.from(`${text}\n`));
  }
}
