import type { MutantDefinition } from "./define-mutant.js";

/** Defects of the validation of requests. */
export const VALIDATION_MUTANTS = {
  "validation.malformed-json-500": {
    meaning: "A body that is not a JSON object is answered with 500.",
    killedBy: ["validation.malformed-json"],
    making: { kind: "worker" },
  },
  "validation.drops-wrong-types": {
    meaning: "A field of the wrong type is taken for one that is not there.",
    killedBy: ["validation.wrong-type"],
    making: { kind: "worker" },
  },
  "validation.clamps-values": {
    meaning: "A value out of range becomes the nearest one that is in it.",
    killedBy: ["validation.out-of-range"],
    making: { kind: "worker" },
  },
  "validation.breaks-on-malformed-json": {
    meaning: "After a body that is not a JSON object, every job fails.",
    killedBy: ["validation.serves-afterwards"],
    making: { kind: "worker" },
  },
} as const satisfies Readonly<Record<string, MutantDefinition>>;
