import { availableParallelism } from "node:os";
import type { LoadProgress } from "../engine.js";
import type { NativeLogger } from "./native-log.js";

/** What the llama engine is started with. */
export interface LlamaEngineOptions {
  /** A GGUF file. */
  readonly modelPath: string;
  /** -1 is the CPU, 0 and up a GPU; nothing falls back. */
  readonly gpuDevice: number;
  /** Generations that may run at the same time; each has its own context. */
  readonly slots: number;
  /** Tokens of one slot, prompt and output together. @default the model's training context, at most 8192 */
  readonly contextSize?: number | undefined;
  /**
   * CPU threads of all slots together. Each slot always uses its share, at least one, also while the others are idle:
   * the order in which threads add up decides the last bits of a logit, so a changing number would change outputs.
   */
  readonly threads: number;
  readonly onProgress: LoadProgress;
  readonly logger?: NativeLogger | undefined;
}

/** What every slot gets. */
export interface SlotPlan {
  readonly slots: number;
  readonly contextSize: number;
  /** Tokens of the prompt that are decoded at once; an abort waits for one batch at most. */
  readonly batchSize: number;
  readonly threads: number;
}

const DEFAULT_MAX_CONTEXT = 8192;
const GPU_BATCH = 512;
const CPU_BATCH = 64;

/** Resolves the share of each slot. */
export function resolveSlotPlan(options: LlamaEngineOptions, trainContextSize: number): SlotPlan {
  const contextSize = options.contextSize ?? Math.min(trainContextSize, DEFAULT_MAX_CONTEXT);
  const batchSize = Math.min(contextSize, options.gpuDevice === -1 ? CPU_BATCH : GPU_BATCH);
  const threads = Math.min(options.threads, availableParallelism());
  return { slots: options.slots, contextSize, batchSize, threads: Math.max(1, Math.floor(threads / options.slots)) };
}
