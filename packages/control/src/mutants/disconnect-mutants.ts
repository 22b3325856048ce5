import type { MutantDefinition } from "./define-mutant.js";

/** Defects of clients that leave, or stop reading. */
export const DISCONNECT_MUTANTS = {
  "disconnect.ignored": {
    meaning: "A job goes on after its client has left.",
    killedBy: [
      "disconnect.close-stops-generation",
      "disconnect.reset-stops-generation",
      "disconnect.before-the-first-token",
      "disconnect.whole-answer-stops",
    ],
    seen: "https://github.com/ggml-org/llama.cpp/issues/11720",
    making: { kind: "stub", faults: [{ id: "ignores-disconnect" }] },
  },
  "disconnect.loses-slots": {
    meaning: "Now and then the slot of a job is never free again.",
    killedBy: ["disconnect.fifty-leave-no-slot-busy"],
    seen: "https://github.com/sgl-project/sglang/pull/36552",
    making: { kind: "stub", faults: [{ id: "slot-leak", when: { every: 20 } }] },
  },
  "disconnect.loses-files": {
    meaning: "A file stays open for every client that leaves.",
    killedBy: ["disconnect.fifty-leak-no-file"],
    seen: "https://github.com/mattn/http-server/pull/7",
    making: { kind: "worker" },
  },
  "disconnect.loses-readers": {
    meaning:
      "One of four readers of requests is lost with every request that breaks off; without one, nothing is answered.",
    killedBy: ["disconnect.half-a-request"],
    making: { kind: "worker" },
  },
  "disconnect.one-connection-at-a-time": {
    meaning: "A job waits until the connections of all earlier jobs are closed.",
    killedBy: ["disconnect.stalled-reader-blocks-nobody"],
    making: { kind: "worker" },
  },
  "disconnect.waits-for-the-slowest-reader": {
    meaning: "No request is looked at while any connection has bytes that its client has not taken.",
    killedBy: ["disconnect.stalled-reader-blocks-nobody"],
    making: { kind: "worker" },
  },
} as const satisfies Readonly<Record<string, MutantDefinition>>;
