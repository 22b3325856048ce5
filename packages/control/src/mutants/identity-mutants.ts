import type { MutantDefinition } from "./define-mutant.js";

/** Defects of who answers, and under which name. */
export const IDENTITY_MUTANTS = {
  "identity.names-another-model": {
    meaning: "Every answer names a model that was not asked for.",
    killedBy: ["identity.answers-name-the-model"],
    seen: "https://github.com/ggml-org/llama.cpp/issues/10056",
    making: { kind: "worker" },
  },
  "identity.one-id-for-all-answers": {
    meaning: "All answers have the same id.",
    killedBy: ["identity.answers-have-ids-of-their-own"],
    making: { kind: "worker" },
  },
  "identity.takes-any-model": {
    meaning: "A request for an unknown model is answered by the model that is there.",
    killedBy: ["identity.unknown-model-is-refused"],
    seen: "https://github.com/ddalcu/mlx-serve/issues/257",
    making: { kind: "worker" },
  },
  "identity.lists-what-was-asked-for": {
    meaning: "The list of models grows by every name that was asked for.",
    killedBy: ["identity.model-list-is-stable"],
    making: { kind: "worker" },
  },
  "identity.hands-over": {
    meaning: "The process that was started hands over to one that is not its child, and waits.",
    killedBy: ["identity.started-process-answers"],
    making: { kind: "worker" },
  },
} as const satisfies Readonly<Record<string, MutantDefinition>>;
