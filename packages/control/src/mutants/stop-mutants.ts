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
} as const satisfies Readonly<Record<string, MutantDefinition>>;
