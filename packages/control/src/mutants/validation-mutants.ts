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
  "validation.fails-without-prompt": {
    meaning: "A request without a prompt is answered with 500.",
    killedBy: ["validation.missing-prompt"],
    making: { kind: "worker" },
  },
  "validation.excludes-the-maximum": {
    meaning: "The largest temperature is refused.",
    killedBy: ["validation.boundaries-are-accepted"],
    making: { kind: "worker" },
  },
  "validation.rounds-before-it-checks": {
    meaning: "A value is rounded before it is compared with its range.",
    killedBy: ["validation.just-outside-is-refused"],
    making: { kind: "worker" },
  },
  "validation.recursive-parser": {
    meaning: "A deeply nested body overflows the stack of the parser and is answered with 500.",
    killedBy: ["validation.deep-nesting"],
    seen: "https://github.com/ggml-org/llama.cpp/pull/27434",
    making: { kind: "worker" },
  },
  "validation.fails-for-duplicate-keys": {
    meaning: "A body with a member twice is answered with 500.",
    killedBy: ["validation.duplicate-keys"],
    making: { kind: "worker" },
  },
  "validation.overflows": {
    meaning: "A number that does not fit a 32-bit float is answered with 500.",
    killedBy: ["validation.huge-numbers"],
    making: { kind: "worker" },
  },
  "validation.accepts-nan": {
    meaning: "The parser takes NaN and Infinity for numbers.",
    killedBy: ["validation.numbers-that-are-not-json"],
    making: { kind: "worker" },
  },
  "validation.repeats-the-request": {
    meaning: "The message of a refusal contains the request.",
    killedBy: ["validation.prompt-is-not-in-the-error"],
    making: { kind: "worker" },
  },
  "validation.answers-any-path": {
    meaning: "An unknown path is answered with 200.",
    killedBy: ["validation.unknown-path"],
    making: { kind: "worker" },
  },
  "validation.wrong-method-500": {
    meaning: "A wrong method is answered with 500.",
    killedBy: ["validation.wrong-method"],
    making: { kind: "worker" },
  },
  "validation.content-type-500": {
    meaning: "A body with another content type than JSON is answered with 500.",
    killedBy: ["validation.wrong-content-type"],
    making: { kind: "worker" },
  },
  "validation.fails-for-large-bodies": {
    meaning: "A body of more than a mebibyte is answered with 500.",
    killedBy: ["validation.large-body"],
    making: { kind: "worker" },
  },
} as const satisfies Readonly<Record<string, MutantDefinition>>;
