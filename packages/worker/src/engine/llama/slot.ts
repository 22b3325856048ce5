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

/** Hands out slots, first come, first served. While a slot is still being cleared, its next user waits. */
export class SlotPool<Slot> {
  readonly #free: Slot[];
  readonly #waiting: ((slot: Slot) => void)[] = [];

  constructor(slots: readonly Slot[]) {
    this.#free = [...slots];
  }

  take(): Promise<Slot> {
    const slot = this.#free.shift();
    if (slot !== undefined) return Promise.resolve(slot);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  give(slot: Slot): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(slot);
    else next(slot);
  }
}
