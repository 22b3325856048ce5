import type { LlamaContext, LlamaContextSequence } from "node-llama-cpp";
import { OPEN_GATE, StepGate, type Gate } from "./step-gate.js";

/** A slot, which runs one job at a time. */
export interface Slot {
  readonly sequence: LlamaContextSequence;
  /** Shared by all slots of one context. */
  readonly gate: Gate;
}

/** The slots of a context, one per sequence. */
export function createSlots(context: LlamaContext, promptBatchSize: number): Slot[] {
  const gate = context.totalSequences === 1 ? OPEN_GATE : new StepGate(promptBatchSize);
  return Array.from({ length: context.totalSequences }, () => ({ sequence: context.getSequence(), gate }));
}
