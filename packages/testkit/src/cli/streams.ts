import type { Writable } from "node:stream";

/** A reader that has seen enough (`| head`) must not end a command before it has cleaned up: what comes is dropped. */
export function ignoreBrokenPipe(stream: Writable): void {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

/** Waits until everything that was written has left the process, or cannot any more. */
export function waitUntilWritten(stream: Writable): Promise<void> {
  return new Promise((resolve) => stream.write("", () => resolve()));
}
