import type { MutantDefinition } from "./define-mutant.js";

/** Defects of the metrics and of memory. */
export const METRICS_MUTANTS = {
  "metrics.with-a-broken-line": {
    meaning: "One line of the metrics is not in the text format.",
    killedBy: ["metrics.parse"],
    seen: "https://github.com/ggml-org/llama.cpp/issues/17384",
    making: { kind: "worker" },
  },
  "metrics.divide-by-zero": {
    meaning: "A gauge is NaN.",
    killedBy: ["metrics.are-numbers"],
    seen: "https://github.com/vllm-project/vllm/pull/10430",
    making: { kind: "worker" },
  },
  "metrics.registered-twice": {
    meaning: "A sample is there twice.",
    killedBy: ["metrics.have-no-duplicates"],
    making: { kind: "worker" },
  },
  "metrics.lose-the-last-bucket": {
    meaning: "The last bucket of every histogram is zero.",
    killedBy: ["metrics.histograms-add-up"],
    making: { kind: "worker" },
  },
  "metrics.count-down": {
    meaning: "The counter of tokens shows what remains of a budget.",
    killedBy: ["metrics.counters-never-fall"],
    making: { kind: "worker" },
  },
  "metrics.count-nothing": {
    meaning: "The counters of requests and tokens stay at zero.",
    killedBy: ["metrics.count-requests", "metrics.count-tokens"],
    making: { kind: "worker" },
  },
  "metrics.always-busy": {
    meaning: "A slot is reported as busy for ever.",
    killedBy: ["metrics.show-a-running-job"],
    making: { kind: "worker" },
  },
  "memory.keeps-every-request": {
    meaning: "A mebibyte is kept for every request, also one that is refused.",
    killedBy: ["memory.requests-do-not-add-up", "memory.refusals-do-not-add-up"],
    making: { kind: "worker" },
  },
} as const satisfies Readonly<Record<string, MutantDefinition>>;
