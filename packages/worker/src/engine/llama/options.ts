import { availableParallelism } from "node:os";
import type { LoadProgress } from "../engine.js";
import type { NativeLogger } from "./native-log.js";

/** Options of the llama engine. */
export interface LlamaEngineOptions {
  /** A GGUF file. */
  readonly modelPath: string;
  /** -1 is the CPU, 0 and up a GPU; there is no fallback. */
  readonly gpuDevice: number;
  /** Maximum number of concurrent generations. */
  readonly slots: number;
  /** Makes outputs independent of other slots: each slot gets its own context. @default false */
  readonly batchInvariant?: boolean | undefined;
  /** Context tokens per slot, prompt and output together. @default the model's training context, at most 8192 */
  readonly contextSize?: number | undefined;
  /**
   * CPU threads for all slots together. Each context always uses its share, at least one, even while the others are idle:
   * the summation order across threads determines the last bits of a logit, so a changing number would change outputs.
   */
  readonly threads: number;
  readonly onProgress: LoadProgress;
  readonly logger?: NativeLogger | undefined;
}

/** The layout of the slots: one context with a sequence per slot, or one context per slot. */
export interface SlotPlan {
  readonly contextCount: number;
  readonly sequencesPerContext: number;
  /** Context tokens per slot. */
  readonly contextSize: number;
  /** Prompt tokens decoded in one batch; an abort, or the next token of another job, waits for at most this number. */
  readonly promptBatchSize: number;
  /** Batch size of a context: the prompt tokens, plus one token for each generating sequence. */
  readonly batchSize: number;
  /** CPU threads of one context. */
  readonly threads: number;
}

const DEFAULT_MAX_CONTEXT = 8192;
const GPU_BATCH = 512;
const CPU_BATCH = 64;

/** Resolves the number of contexts and the share of each. */
export function resolveSlotPlan(options: LlamaEngineOptions, trainContextSize: number): SlotPlan {
  const contextSize = options.contextSize ?? Math.min(trainContextSize, DEFAULT_MAX_CONTEXT);
  const promptBatchSize = Math.min(contextSize, options.gpuDevice === -1 ? CPU_BATCH : GPU_BATCH);
  const contextCount = options.batchInvariant === true ? options.slots : 1;
  const sequencesPerContext = options.slots / contextCount;
  const batchSize = sequencesPerContext === 1 ? promptBatchSize : promptBatchSize + sequencesPerContext;
  const threads = Math.max(1, Math.floor(Math.min(options.threads, availableParallelism()) / contextCount));
  return { contextCount, sequencesPerContext, contextSize, promptBatchSize, batchSize, threads };
}
