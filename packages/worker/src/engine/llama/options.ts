import { availableParallelism } from "node:os";
import type { LoadProgress } from "../engine.js";
import type { NativeLogger } from "./native-log.js";

/** What the llama engine is started with. */
export interface LlamaEngineOptions {
  /** A GGUF file. */
  readonly modelPath: string;
  /** -1 is the CPU, 0 and up a GPU; nothing falls back. */
  readonly gpuDevice: number;
  /** Generations that may run at the same time. */
  readonly slots: number;
  /** Whether outputs must not depend on what other slots do: each slot then has a context of its own. @default false */
  readonly batchInvariant?: boolean | undefined;
  /** Tokens of one slot, prompt and output together. @default the model's training context, at most 8192 */
  readonly contextSize?: number | undefined;
  /**
   * CPU threads of all slots together. Each context always uses its share, at least one, also while the others are idle:
   * the order in which threads add up decides the last bits of a logit, so a changing number would change outputs.
   */
  readonly threads: number;
  readonly onProgress: LoadProgress;
  readonly logger?: NativeLogger | undefined;
}

/** How the slots are laid out: one context with a sequence for each, or a context for each. */
export interface SlotPlan {
  readonly contextCount: number;
  readonly sequencesPerContext: number;
  /** Tokens of one slot. */
  readonly contextSize: number;
  /** Tokens of prompts that are decoded at once; an abort, and the next token of another job, wait for so many at most. */
  readonly promptBatchSize: number;
  /** Tokens that a context can decode at once: those of prompts, and one of each sequence that generates. */
  readonly batchSize: number;
  /** CPU threads of one context. */
  readonly threads: number;
}

const DEFAULT_MAX_CONTEXT = 8192;
const GPU_BATCH = 512;
const CPU_BATCH = 64;

/** Resolves the contexts and the share of each. */
export function resolveSlotPlan(options: LlamaEngineOptions, trainContextSize: number): SlotPlan {
  const contextSize = options.contextSize ?? Math.min(trainContextSize, DEFAULT_MAX_CONTEXT);
  const promptBatchSize = Math.min(contextSize, options.gpuDevice === -1 ? CPU_BATCH : GPU_BATCH);
  const contextCount = options.batchInvariant === true ? options.slots : 1;
  const sequencesPerContext = options.slots / contextCount;
  const batchSize = sequencesPerContext === 1 ? promptBatchSize : promptBatchSize + sequencesPerContext;
  const threads = Math.max(1, Math.floor(Math.min(options.threads, availableParallelism()) / contextCount));
  return { contextCount, sequencesPerContext, contextSize, promptBatchSize, batchSize, threads };
}
