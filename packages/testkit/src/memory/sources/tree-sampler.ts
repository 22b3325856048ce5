import type { ProcessTree } from "../process/process-tree.js";
import { allMissing, type ReadOptions, type Sampler } from "./source.js";

/** Resident memory of the worker and everything it started. */
export function createTreeSampler(tree: ProcessTree | undefined): Sampler {
  return {
    names: ["process-tree"],
    everyMs: 0,
    read: async ({ exact }: ReadOptions) => {
      if (tree === undefined) {
        return allMissing(["process-tree"], "the worker was attached: its process is not known; set its `pid`", true);
      }
      try {
        return { figures: { "process-tree": { bytes: await tree.residentBytes(exact ? "always" : "if-due") } } };
      } catch (error) {
        return allMissing(["process-tree"], `the processes cannot be read: ${(error as Error).message}`, true);
      }
    },
  };
}
