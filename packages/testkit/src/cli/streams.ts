import type { Writable } from "node:stream";

/**
 * A reader that has seen enough (`| head`) must not end a command before it has cleaned up: further output is dropped.
 */
export function ignoreBrokenPipe(stream: Writable): void {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

/** Waits until everything written has left the process, or no longer can. */
export function waitUntilWritten(stream: Writable): Promise<void> {
  return new Promise((resolve) => stream.write("", () => resolve()));
}
