import type { MutantDefinition } from "./define-mutant.js";

/** Defects of sampling parameters. */
export const SAMPLING_MUTANTS = {
  "sampling.zero-is-the-default": {
    meaning: "Temperature 0 is replaced by the default, as if it were not set.",
    killedBy: ["sampling.temperature-zero-ignores-the-seed"],
    seen: "https://github.com/FoundationAgents/OpenManus/pull/642",
    making: { kind: "worker" },
  },
  "sampling.ignores-the-seed": {
    meaning: "Every request has the same seed.",
    killedBy: ["sampling.different-seeds-differ"],
    making: { kind: "worker" },
  },
  "sampling.draws-its-own-seed": {
    meaning: "The seed of a request is replaced by a random one.",
    killedBy: ["sampling.same-seed-same-text"],
    seen: "https://github.com/ggml-org/llama.cpp/issues/7381",
    making: { kind: "worker" },
  },
  "sampling.always-greedy": {
    meaning: "The temperature is ignored: the most likely token is always taken.",
    killedBy: ["sampling.temperature-changes", "sampling.different-seeds-differ"],
    making: { kind: "worker" },
  },
  "sampling.ignores-top-k": {
    meaning: "The parameter `top_k` is ignored.",
    killedBy: ["sampling.top-k-narrows"],
    making: { kind: "worker" },
  },
  "sampling.ignores-top-p": {
    meaning: "The parameter `top_p` is ignored.",
    killedBy: ["sampling.top-p-narrows"],
    making: { kind: "worker" },
  },
  "sampling.ignores-min-p": {
    meaning: "The parameter `min_p` is ignored.",
    killedBy: ["sampling.min-p-narrows"],
    making: { kind: "worker" },
  },
  "sampling.ignores-repetition-penalty": {
    meaning: "The repetition penalty is ignored.",
    killedBy: ["sampling.repetition-penalty-changes"],
    seen: "https://github.com/ikawrakow/ik_llama.cpp/issues/2398",
    making: { kind: "worker" },
  },
  "sampling.divides-by-tiny-temperatures": {
    meaning: "A temperature near 0 is answered with 500.",
    killedBy: ["sampling.extreme-values"],
    making: { kind: "worker" },
  },
  "sampling.has-a-default-seed": {
    meaning: "Requests without a seed are all sampled with the same one, which is not reported.",
    killedBy: ["sampling.omitted-seed-varies"],
    seen: "https://github.com/Blaizzy/mlx-vlm/issues/1818",
    making: { kind: "worker" },
  },
  "sampling.ignores-penalties": {
    meaning: "The parameters `presence_penalty` and `frequency_penalty` are accepted and ignored.",
    killedBy: ["sampling.penalties-change"],
    making: { kind: "worker" },
  },
} as const satisfies Readonly<Record<string, MutantDefinition>>;
