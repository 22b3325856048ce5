import type { MutantDefinition } from "./define-mutant.js";

/** Defects of stop sequences. */
export const STOP_MUTANTS = {
  "stop.ignored": {
    meaning: "Stop sequences are ignored.",
    killedBy: ["stop.ends-before-the-sequence", "stop.prefix-is-withheld"],
    making: { kind: "stub", faults: [{ id: "ignores-stop" }] },
  },
  "stop.within-one-token": {
    meaning: "A stop sequence is found only if one token has all of it.",
    killedBy: ["stop.prefix-is-withheld"],
    seen: "https://github.com/huggingface/text-generation-inference/issues/1039",
    making: { kind: "worker" },
  },
  "stop.sends-the-sequence": {
    meaning: "The stop sequence is sent before the answer ends.",
    killedBy: ["stop.ends-before-the-sequence", "stop.prefix-is-withheld"],
    making: { kind: "worker" },
  },
  "stop.leaks-prefix": {
    meaning: "Text is sent at once, also if a stop sequence may begin in it.",
    killedBy: ["stop.prefix-is-withheld"],
    seen: "https://github.com/vllm-project/vllm/issues/3574",
    making: { kind: "worker" },
  },
  "stop.forgets-withheld-text": {
    meaning: "Text that was withheld is not sent if the answer ends before it is known whether it matches.",
    killedBy: ["stop.withheld-text-is-delivered"],
    seen: "https://github.com/ggml-org/llama.cpp/pull/9867",
    making: { kind: "worker" },
  },
  "stop.compares-whole-tokens": {
    meaning: "A stop sequence is found only if one token equals it.",
    killedBy: ["stop.single-character", "stop.ends-before-the-sequence"],
    making: { kind: "worker" },
  },
  "stop.uses-the-first-of-the-list": {
    meaning: "Only the first stop sequence of a list is used.",
    killedBy: ["stop.earliest-of-several"],
    making: { kind: "worker" },
  },
  "stop.keeps-four": {
    meaning: "Stop sequences beyond the fourth are dropped silently.",
    killedBy: ["stop.long-list-is-not-cut"],
    making: { kind: "worker" },
  },
  "stop.ascii-only": {
    meaning: "A stop sequence with characters beyond ASCII never matches.",
    killedBy: ["stop.multibyte"],
    making: { kind: "worker" },
  },
  "stop.checks-the-limit-first": {
    meaning: "The last token that the limit allows is sent without a search for stop sequences.",
    killedBy: ["stop.on-the-last-allowed-token"],
    making: { kind: "worker" },
  },
  "stop.searches-the-prompt": {
    meaning: "A stop sequence in the prompt ends the answer.",
    killedBy: ["stop.in-the-prompt-does-not-stop"],
    making: { kind: "worker" },
  },
  "stop.is-a-pattern": {
    meaning: "Stop sequences are used as regular expressions.",
    killedBy: ["stop.regex-characters-are-literal"],
    making: { kind: "worker" },
  },
  "stop.loses-its-window": {
    meaning: "As many characters as a stop sequence could begin in are withheld, and never sent at the end.",
    killedBy: ["stop.unmatched-changes-nothing", "stop.withheld-text-is-delivered"],
    making: { kind: "worker" },
  },
  "stop.begins-anew-after-a-mismatch": {
    meaning: "After a mismatch, the search continues behind the character that failed, without looking at it again.",
    killedBy: ["stop.overlapping"],
    making: { kind: "worker" },
  },
} as const satisfies Readonly<Record<string, MutantDefinition>>;
