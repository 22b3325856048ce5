import type { MutantDefinition } from "./define-mutant.js";

/** Defects of readiness beside those of the first requests. */
export const READY_MUTANTS = {
  "ready.too-early": {
    meaning: "The server says that it is ready before its model is loaded: the first job fails.",
    killedBy: ["ready.answers-right-after-start"],
    seen: "https://github.com/ROCm/rocm-cli/pull/150",
    making: { kind: "worker" },
  },
  "ready.not-after-a-job": {
    meaning: "The first answer about the health after a job is 503.",
    killedBy: ["ready.stays-ready"],
    making: { kind: "worker" },
  },
  "ready.silent-while-generating": {
    meaning: "The health is answered only between jobs.",
    killedBy: ["ready.health-answers-during-generation"],
    seen: "https://github.com/gonka-ai/gonka/pull/1421",
    making: { kind: "worker" },
  },
} as const satisfies Readonly<Record<string, MutantDefinition>>;
