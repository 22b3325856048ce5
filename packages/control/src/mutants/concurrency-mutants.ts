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
  "concurrency.resets-when-full": {
    meaning: "A request that finds the queue full is cut without an answer.",
    killedBy: ["concurrency.full-queue-refuses-in-form"],
    seen: "https://github.com/ggml-org/llama.cpp/issues/11411",
    making: { kind: "worker" },
  },
  "concurrency.refuses-as-text": {
    meaning: "A request that finds the queue full is refused as plain text, by a layer that does not know the dialect.",
    killedBy: ["concurrency.full-queue-refuses-in-form"],
    making: { kind: "worker" },
  },
  "concurrency.serves-the-newest-first": {
    meaning: "Of the requests that wait, the newest one gets the next slot.",
    killedBy: ["concurrency.queue-is-fair"],
    making: { kind: "worker" },
  },
} as const satisfies Readonly<Record<string, MutantDefinition>>;
