import type { MutantDefinition } from "./define-mutant.js";

/** Defects of requests beside each other. */
export const CONCURRENCY_MUTANTS = {
  "concurrency.mixes-prompts": {
    meaning: "A job that begins while another one runs answers the prompt of the other one.",
    killedBy: ["concurrency.answers-are-not-mixed"],
    seen: "https://github.com/ml-explore/mlx-lm/issues/965",
    making: { kind: "worker" },
  },
  "concurrency.refuses-the-fourth": {
    meaning: "The fourth request at once is refused, although a slot is free.",
    killedBy: ["concurrency.around-the-slots"],
    making: { kind: "worker" },
  },
} as const satisfies Readonly<Record<string, MutantDefinition>>;
