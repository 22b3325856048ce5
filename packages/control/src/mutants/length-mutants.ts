import type { MutantDefinition } from "./define-mutant.js";

/** Defects of the limit of tokens. */
export const LENGTH_MUTANTS = {
  "length.one-too-many": {
    meaning: "The limit of tokens is checked after the next token, so that an answer has one more.",
    killedBy: ["length.max-tokens-is-exact", "length.one-token", "ready.answers-one-token"],
    making: { kind: "worker" },
  },
  "length.one-too-few": {
    meaning: "An answer has one token less than its limit, unless that is 1.",
    killedBy: ["length.max-tokens-is-exact"],
    making: { kind: "worker" },
  },
  "length.never-stops": {
    meaning: "The limit of tokens is ignored.",
    killedBy: ["length.max-tokens-is-exact", "length.one-token"],
    making: { kind: "stub", faults: [{ id: "never-stops" }] },
  },
} as const satisfies Readonly<Record<string, MutantDefinition>>;
