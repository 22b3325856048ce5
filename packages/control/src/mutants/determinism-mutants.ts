import type { MutantDefinition } from "./define-mutant.js";

/** Defects of repeatability, of a server that guarantees it. */
export const DETERMINISM_MUTANTS = {
  "determinism.varies": {
    meaning: "The same request gives another text each time.",
    killedBy: ["determinism.repeat"],
    making: { kind: "stub", faults: [{ id: "nondeterministic" }] },
  },
  "determinism.shares-a-block-too-many": {
    meaning: "The prefix cache takes two prompts with the same beginning for the same prompt.",
    killedBy: ["determinism.after-another-request"],
    seen: "https://github.com/huggingface/text-generation-inference/issues/2670",
    making: { kind: "worker" },
  },
  "determinism.differs-by-process": {
    meaning: "Every process gives another text.",
    killedBy: ["determinism.restart"],
    making: { kind: "worker" },
  },
  "determinism.slots-differ": {
    meaning: "The text depends on the slot.",
    killedBy: ["determinism.slot"],
    making: { kind: "worker" },
  },
  "determinism.depends-on-the-batch": {
    meaning: "The text depends on the number of requests in its batch.",
    killedBy: ["determinism.load", "determinism.slot"],
    making: { kind: "worker" },
  },
} as const satisfies Readonly<Record<string, MutantDefinition>>;
