import { LogBuffer } from "./log-buffer.js";
import type { LogLine } from "./log-line.js";

const KEPT_LINES = 1_000;

/** The log of a worker that another process started and passes on line by line. */
export class MirroredLogs extends LogBuffer {
  constructor() {
    super(KEPT_LINES);
  }

  add({ stream, text }: LogLine): void {
    this.write(stream, Buffer.from(`${text}\n`));
  }
}
