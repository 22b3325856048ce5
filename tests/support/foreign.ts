import { fileURLToPath } from "node:url";
import type { ProgramOptions } from "inference-testkit";

/** Without host faults, which only the build that found them accepts: some tests run against the sources. */
export type Program = Omit<ProgramOptions, "hostFaults">;

/** How a third-party program is launched: it gets its port, and is ready when `/health` responds. */
export function foreignWorker(options: Partial<Program> = {}): Program {
  return {
    command: process.execPath,
    args: [supportFile("workers/foreign-worker.mjs"), "{port}", "{workerId}"],
    ready: { kind: "http" },
    ...options,
  };
}

/** The same for the worker that does with its jobs what their prompts say, also what no worker should do. */
export function jobWorker(): Program {
  const args = [supportFile("workers/job-worker.mjs"), "{port}", "{workerId}"];
  return foreignWorker({ args, allow: ["MAX_TOKENS_EXCEEDED", "TOKENS_OUT_TOO_LOW"] });
}

/** A few lines of JavaScript as a program. */
export function inlineProgram(source: string, options: Partial<Program> = {}): Program {
  return { command: process.execPath, args: ["-e", source], ...options };
}

/** Path of a file in this folder. */
export function supportFile(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
