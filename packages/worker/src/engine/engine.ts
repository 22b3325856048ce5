import type { DeterminismLevel, ResolvedExecuteRequest, ToolCallEvent } from "inference-worker-protocol";
import type { Chat } from "./chat.js";

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

/** A validated request with its effective seed. The optional fields are not available through `POST /execute`. */
export interface EngineRequest extends ResolvedExecuteRequest {
  readonly seed: bigint;
  /** The conversation from which `prompt` was made with {@link Engine.renderChat}. */
  readonly chat?: Chat | undefined;
  /** The format of the output. */
  readonly format?: OutputFormat | undefined;
  /** Generate up to `max_tokens`, past the end of the sequence. */
  readonly ignoreEos?: boolean | undefined;
  /** Report the log probability of every token, and of this number of the likeliest ones. */
  readonly topLogprobs?: number | undefined;
}

/** The output is a JSON object, or a JSON value that fits a schema. */
export type OutputFormat =
  | { readonly kind: "json_object" }
  | { readonly kind: "json_schema"; readonly schema: Readonly<Record<string, unknown>> };

/** What only some engines can do. A request that needs it is refused by the others. */
export type EngineFeature = "tools" | "thinking" | "logprobs" | "embeddings";

/** Why an engine stopped on its own. Stop sequences are matched outside the engine, on the text. */
export type EngineStop = "eos" | "max_tokens" | "tool_calls" | "content_filter";

/** How a generation ended, where that is more than the reason. */
export interface EngineEnd {
  readonly stop: EngineStop;
  /** Counts to report instead of those that were counted. */
  readonly usage?: ReportedUsage | undefined;
}

/** Counts of tokens that an engine reports itself. */
export interface ReportedUsage {
  readonly promptTokens?: number | undefined;
  readonly completionTokens?: number | undefined;
  readonly cachedTokens?: number | undefined;
  readonly reasoningTokens?: number | undefined;
}

/** The raw bytes of one token of the answer; or a token that is not a plain part of it. */
export type EngineOutput = Uint8Array | EnginePart;

export type EnginePart =
  | { readonly kind: "reasoning"; readonly text: string }
  | ({ readonly kind: "tool_call" } & Omit<ToolCallEvent, "type">)
  | { readonly kind: "scored"; readonly bytes: Uint8Array; readonly score: TokenScore };

/** How likely a token was. */
export interface TokenScore {
  readonly bytes: Uint8Array;
  /** Natural logarithm of its probability. */
  readonly logprob: number;
  readonly top: readonly Omit<TokenScore, "top">[];
}

/** One token at a time; returns why it stopped. */
export type TokenGenerator = AsyncGenerator<EngineOutput, EngineStop | EngineEnd, void>;

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
  readonly features: ReadonlySet<EngineFeature>;
  /** The tokens of a prompt as {@link generate} sees them. */
  tokenize(prompt: string): readonly number[];
  /**
   * The prompt for the next message of a conversation.
   *
   * @throws {WorkerError} INVALID_REQUEST when the model's template refuses the conversation.
   */
  renderChat(chat: Chat): string | Promise<string>;
  /** A vector of length 1 for a text. Only with the feature `embeddings`. */
  embed?(text: string, dimensions: number): readonly number[];
  /**
   * Rejects a request that can never run, before it takes a slot.
   *
   * @throws {WorkerError} CONTEXT_OVERFLOW when prompt and `max_tokens` together exceed the context of a slot.
   */
  check(request: EngineRequest): void;
  /**
   * Generates one token at a time: each item is the raw bytes of one token, possibly only a part of a UTF-8 character,
   * possibly empty, or an {@link EnginePart}. Returns why it stopped. Leaving the loop early (`return()`) or aborting frees the slot at the
   * next token.
   *
   * @throws {WorkerError} CONTEXT_OVERFLOW, VRAM_OOM, INFERENCE_FAILED, CUDA_ERROR
   */
  generate(request: EngineRequest, signal: AbortSignal): TokenGenerator;
  memory(): EngineMemory;
  dispose(): Promise<void>;
}

/** Reports how much of the model is loaded, 0..100; called at least for 0, 25, 50, 75 and 100. */
export type LoadProgress = (percent: number) => void;
