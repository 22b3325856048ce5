import type { DeterminismLevel, ResolvedExecuteRequest } from "inference-worker-protocol";

/** Facts about a loaded model that do not change until the engine is disposed. */
export interface EngineInfo {
  /** Display name of the model, e.g. the file name without its extension. */
  readonly model: string;
  /** `cpu`, `cuda:0`, `stub` … */
  readonly device: string;
  /** Quantization of the weights, e.g. `Q4_K_M`; `none` for the stub. */
  readonly quantKind: string;
  /** Tokens of one slot's context (prompt and output together). */
  readonly contextLength: number;
  readonly vocabSize: number;
  /** Whether the whole model is in the device's memory. */
  readonly resident: boolean;
  /** The levels of repeatability that this engine guarantees with this configuration. */
  readonly determinism: readonly DeterminismLevel[];
}

/** A validated request with its effective seed. */
export interface EngineRequest extends ResolvedExecuteRequest {
  readonly seed: bigint;
}

/** Why an engine stopped by itself. Stop sequences are matched outside the engine, on the text. */
export type EngineStop = "eos" | "max_tokens";

/** The raw bytes of one token at a time; returns why it stopped. */
export type TokenGenerator = AsyncGenerator<Uint8Array, EngineStop, void>;

/** Current memory figures, in bytes. */
export interface EngineMemory {
  /** Device memory used by model, contexts and buffers (on the CPU: what the engine allocated in main memory). */
  readonly vramBytes: number;
}

/**
 * A loaded model. An engine knows nothing about HTTP, queues or stop sequences; the caller starts at most `slots` generations
 * at a time.
 */
export interface Engine {
  readonly info: EngineInfo;
  /** Maximum number of concurrent generations. */
  readonly slots: number;
  /**
   * Rejects a request that can never run, before it takes a slot.
   *
   * @throws {WorkerError} CONTEXT_OVERFLOW when prompt and `max_tokens` together exceed the context of a slot.
   */
  check(request: EngineRequest): void;
  /**
   * Generates one token at a time: each item is the raw bytes of one token, possibly only a part of a UTF-8 character,
   * possibly empty. Returns why it stopped. Leaving the loop early (`return()`) or aborting frees the slot at the next token.
   *
   * @throws {WorkerError} CONTEXT_OVERFLOW, VRAM_OOM, INFERENCE_FAILED, CUDA_ERROR
   */
  generate(request: EngineRequest, signal: AbortSignal): TokenGenerator;
  memory(): EngineMemory;
  dispose(): Promise<void>;
}

/** Reports how much of the model is loaded, 0..100; called at least for 0, 25, 50, 75 and 100. */
export type LoadProgress = (percent: number) => void;
