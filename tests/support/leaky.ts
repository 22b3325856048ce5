import type { ProgramOptions } from "inference-testkit";
import { foreignWorker, supportFile } from "./foreign.js";

/** How `workers/leaky-worker.mjs` is launched; the mode says what its memory does. */
export function leakyWorker(mode: string): ProgramOptions {
  return foreignWorker({ args: [supportFile("workers/leaky-worker.mjs"), "{port}", "{workerId}", mode] });
}
