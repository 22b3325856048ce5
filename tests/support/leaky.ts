import { foreignWorker, supportFile, type Program } from "./foreign.js";

/** How `workers/leaky-worker.mjs` is launched; the mode says what its memory does. */
export function leakyWorker(mode: string): Program {
  return foreignWorker({ args: [supportFile("workers/leaky-worker.mjs"), "{port}", "{workerId}", mode] });
}
