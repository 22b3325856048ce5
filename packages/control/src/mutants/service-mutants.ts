import type { MutantDefinition } from "./define-mutant.js";

/** Defects of readiness and of requests beside each other. */
export const SERVICE_MUTANTS = {
  "ready.fails-every-job": {
    meaning: "The server says that it is ready, and every job fails.",
    killedBy: ["ready.answers-one-token"],
    making: { kind: "stub", faults: [{ id: "lies" }] },
  },
  "ready.lists-an-absent-model": {
    meaning: "The list of models has one that every request is refused for.",
    killedBy: ["ready.lists-the-model-that-answers"],
    making: { kind: "worker" },
  },
  "concurrency.shortens-the-second": {
    meaning: "A job that begins while another one runs gets half of its tokens.",
    killedBy: ["concurrency.two-at-once"],
    making: { kind: "worker" },
  },
  "concurrency.resets-when-busy": {
    meaning: "A request is cut without an answer while all slots are busy.",
    killedBy: ["concurrency.more-than-slots"],
    seen: "https://github.com/ggml-org/llama.cpp/issues/11411",
    making: { kind: "worker" },
  },
} as const satisfies Readonly<Record<string, MutantDefinition>>;
