import type { MutantDefinition } from "./define-mutant.js";

/** Defects of jobs that are cancelled or left. */
export const CANCEL_MUTANTS = {
  "cancel.ignored": {
    meaning: "A job goes on after its cancellation, and after its client has left.",
    killedBy: ["cancel.ends-a-stream", "cancel.frees-the-slot"],
    seen: "https://github.com/ggml-org/llama.cpp/issues/11414",
    making: { kind: "stub", faults: [{ id: "ignores-cancel" }, { id: "ignores-disconnect" }] },
  },
  "cancel.lost-before-the-first-token": {
    meaning: "A job that is cancelled or left before its first token goes on.",
    killedBy: ["cancel.before-the-first-token", "disconnect.before-the-first-token"],
    seen: "https://github.com/ggml-org/llama.cpp/pull/9679",
    making: { kind: "worker" },
  },
  "cancel.ends-other-jobs": {
    meaning: "The end of one job by its client ends the jobs beside it.",
    killedBy: ["cancel.leaves-others-alone", "cancel.ten-of-a-hundred", "cancel.in-the-queue"],
    seen: "https://github.com/ikawrakow/ik_llama.cpp/issues/1929",
    making: { kind: "worker" },
  },
  "cancel.leaves-text-in-its-slot": {
    meaning: "Every answer after a cancelled job begins with a piece of text that was left in the slot.",
    killedBy: ["cancel.next-answer-is-clean"],
    seen: "https://github.com/ggml-org/llama.cpp/issues/27148",
    making: { kind: "worker" },
  },
  "cancel.fails-for-ended-jobs": {
    meaning: "The cancellation of a job that does not run is answered with 500.",
    killedBy: ["cancel.twice-is-harmless", "cancel.after-the-end-is-harmless", "cancel.unknown-job-is-harmless"],
    making: { kind: "worker" },
  },
} as const satisfies Readonly<Record<string, MutantDefinition>>;
