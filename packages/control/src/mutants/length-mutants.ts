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
    killedBy: ["length.max-tokens-is-exact", "length.one-token", "ready.answers-one-token"],
    making: { kind: "stub", faults: [{ id: "never-stops" }] },
  },
  "length.caps-at-128": {
    meaning: "An answer ends after 128 tokens, whatever its limit is.",
    killedBy: ["length.large-answer-is-complete"],
    making: { kind: "worker" },
  },
  "length.hints-the-limit": {
    meaning: "The limit of tokens is added to the prompt.",
    killedBy: ["length.shorter-limit-is-a-prefix"],
    making: { kind: "worker" },
  },
  "length.cuts-the-prompt": {
    meaning: "The beginning of a prompt that is too long is dropped silently.",
    killedBy: ["length.prompt-above-the-context"],
    seen: "https://github.com/ollama/ollama/issues/8099",
    making: { kind: "worker" },
  },
  "length.trims-what-is-a-little-too-long": {
    meaning: "A prompt that is a few tokens too long is trimmed silently until it fits.",
    killedBy: ["length.prompt-at-the-limit"],
    making: { kind: "worker" },
  },
  "length.fails-in-the-last-cell": {
    meaning: "A request that fills the context to its last token is answered with 500.",
    killedBy: ["length.prompt-at-the-limit"],
    making: { kind: "worker" },
  },
  "length.fails-for-large-limits": {
    meaning: "A limit of tokens that the context cannot hold is answered with 500.",
    killedBy: ["length.max-tokens-above-the-context"],
    making: { kind: "worker" },
  },
} as const satisfies Readonly<Record<string, MutantDefinition>>;
