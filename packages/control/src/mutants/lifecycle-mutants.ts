import type { MutantDefinition } from "./define-mutant.js";

/** Defects of the start and the end of the process, and of what is left of it. */
export const LIFECYCLE_MUTANTS = {
  "lifecycle.fails-at-the-end": {
    meaning: "A shutdown that went well ends with exit code 7.",
    killedBy: ["lifecycle.sigterm-ends-an-idle-server"],
    making: { kind: "worker" },
  },
  "lifecycle.ignores-sigterm": {
    meaning: "SIGTERM is ignored.",
    killedBy: ["lifecycle.sigterm-ends-a-busy-server"],
    seen: "https://github.com/invergent-ai/surogate/issues/137",
    making: { kind: "stub", faults: [{ id: "ignores-sigterm" }] },
  },
  "lifecycle.cuts-streams-at-the-end": {
    meaning: "SIGTERM ends the body of every stream as if it were complete.",
    killedBy: ["lifecycle.sigterm-does-not-shorten-a-stream"],
    making: { kind: "worker" },
  },
  "lifecycle.ends-bodies-with-the-connection": {
    meaning: "A stream has neither a length nor chunks, so that the end of the process looks like the end of the body.",
    killedBy: ["lifecycle.sigkill-is-seen-by-the-client"],
    making: { kind: "worker" },
  },
  "lifecycle.leaves-a-child": {
    meaning: "A child of the server outlives it.",
    killedBy: [
      "lifecycle.leaves-no-processes",
      "lifecycle.sigkill-leaves-no-processes",
      "memory.is-released-after-the-stop",
    ],
    seen: "https://github.com/vllm-project/vllm/issues/25850",
    making: { kind: "worker" },
  },
  "lifecycle.child-keeps-the-port": {
    meaning: "A child inherits the listening socket and outlives the server.",
    killedBy: ["lifecycle.releases-its-port", "lifecycle.leaves-no-processes"],
    seen: "https://github.com/tenstorrent/tt-inference-server/pull/3640",
    making: { kind: "stub", faults: [{ id: "grandchild-holds-port" }] },
  },
  "lifecycle.leaves-its-lock": {
    meaning: "A lock file for the port is never removed, and the next start on that port refuses to run.",
    killedBy: ["lifecycle.leaves-no-temporary-files", "lifecycle.restarts-on-its-port"],
    making: { kind: "worker" },
  },
  "lifecycle.leaves-shared-memory": {
    meaning: "A file in /dev/shm is never removed.",
    killedBy: ["lifecycle.leaves-no-shared-memory"],
    seen: "https://github.com/vllm-project/vllm/issues/51579",
    making: { kind: "worker" },
  },
  "lifecycle.fails-with-0": {
    meaning: "A start that fails ends with exit code 0.",
    killedBy: ["lifecycle.refuses-a-taken-port"],
    making: { kind: "worker" },
  },
  "lifecycle.serves-without-its-model": {
    meaning: "The server starts whatever its model file is, and answers.",
    killedBy: [
      "lifecycle.refuses-a-missing-model",
      "lifecycle.refuses-a-truncated-model",
      "lifecycle.refuses-a-foreign-model",
    ],
    making: { kind: "stub", faults: [] }, // stub mode needs no model
  },
} as const satisfies Readonly<Record<string, MutantDefinition>>;
