import type {
  Llama,
  LlamaContext,
  LlamaContextSequence,
  LlamaModel,
  SequenceEvaluateOptions,
  Token,
} from "node-llama-cpp";
import { WorkerError } from "inference-worker-protocol";
import type { Engine, EngineInfo, EngineMemory, EngineRequest, EngineStop } from "../engine.js";
import { toJobError } from "./native-errors.js";
import type { NativeLog } from "./native-log.js";
import { toSamplingOptions } from "./sampling.js";
import { SlotPool } from "./slot-pool.js";
import { TokenBytes } from "./token-bytes.js";

/** Everything native that an engine owns; it frees all of it. */
export interface NativeParts {
  readonly llama: Llama;
  readonly model: LlamaModel;
  /** One for each slot, each with one sequence. */
  readonly contexts: readonly LlamaContext[];
  readonly log: NativeLog;
}

/** llama.cpp in this process. See README.md of this folder for what crosses the boundary. */
export class LlamaEngine implements Engine {
  readonly info: EngineInfo;
  readonly slots: number;
  readonly #parts: NativeParts;
  readonly #pool: SlotPool<LlamaContextSequence>;
  readonly #bytes: TokenBytes;
  #disposal: Promise<void> | undefined;
  /** Prompts that {@link check} has tokenised, so that {@link generate} need not do it again. */
  readonly #prompts = new WeakMap<EngineRequest, readonly Token[]>();

  constructor(info: EngineInfo, parts: NativeParts) {
    this.info = info;
    this.slots = parts.contexts.length;
    this.#parts = parts;
    this.#pool = new SlotPool(parts.contexts.map((context) => context.getSequence()));
    this.#bytes = new TokenBytes(parts.model);
  }

  check(request: EngineRequest): void {
    const prompt = this.#tokenize(request);
    const { contextLength } = this.info;
    if (prompt.length + request.max_tokens > contextLength) {
      const needed = `prompt (${prompt.length} tokens) and max_tokens (${request.max_tokens})`;
      throw new WorkerError("CONTEXT_OVERFLOW", `${needed} exceed the context of ${contextLength} tokens`);
    }
    this.#prompts.set(request, prompt);
  }

  async *generate(request: EngineRequest, signal: AbortSignal): AsyncGenerator<Uint8Array, EngineStop, void> {
    if (!this.#prompts.has(request)) this.check(request);
    const history = [...(this.#prompts.get(request) ?? [])];
    const sequence = await this.#pool.take();
    let tokens: ReturnType<LlamaContextSequence["evaluateWithMetadata"]> | undefined;
    try {
      const rest = await this.#prefill(sequence, history, signal);
      tokens = sequence.evaluateWithMetadata(rest, {}, this.#sampling(request, history));
      for (let left = request.max_tokens; left > 0; left--) {
        signal.throwIfAborted();
        const next = await tokens.next();
        signal.throwIfAborted();
        if (next.done === true) return "eos"; // the end-of-generation token itself is not yielded
        history.push(next.value.token);
        yield this.#bytes.of(next.value.token);
      }
      return "max_tokens";
    } catch (cause) {
      if (signal.aborted) throw cause;
      throw toJobError({ cause, logLines: this.#parts.log.takeErrors() });
    } finally {
      await tokens?.return();
      await this.#free(sequence);
    }
  }

  memory(): EngineMemory {
    const parts = [this.#parts.model, ...this.#parts.contexts];
    const kind = this.#parts.llama.gpu === false ? "ram" : "vram";
    return { vramBytes: parts.reduce((sum, part) => sum + part.memoryUsage[kind], 0) };
  }

  dispose(): Promise<void> {
    return (this.#disposal ??= this.#parts.llama.dispose());
  }

  #sampling(request: EngineRequest, history: readonly Token[]): SequenceEvaluateOptions {
    return toSamplingOptions(request, { history, contextLength: this.info.contextLength });
  }

  /** Special tokens in the prompt are recognised: the protocol has no messages, so a chat template is the client's. */
  #tokenize(request: EngineRequest): Token[] {
    if (this.#disposal !== undefined) throw new WorkerError("INFERENCE_FAILED", "The engine is disposed");
    const { model } = this.#parts;
    const { bos, shouldPrependBosToken } = model.tokens;
    const tokens = model.tokenize(request.prompt, true);
    if (shouldPrependBosToken && bos !== null && tokens[0] !== bos) tokens.unshift(bos);
    if (tokens.length === 0) throw new WorkerError("INVALID_REQUEST", "The prompt has no tokens");
    return tokens;
  }

  /** Decodes the prompt batch by batch, so that an abort need not wait for all of it; leaves the last batch to the caller. */
  async #prefill(sequence: LlamaContextSequence, prompt: readonly Token[], signal: AbortSignal): Promise<Token[]> {
    const { batchSize } = sequence.context;
    let start = 0;
    for (; start + batchSize < prompt.length; start += batchSize) {
      signal.throwIfAborted();
      await sequence.evaluateWithoutGeneratingNewTokens(prompt.slice(start, start + batchSize));
    }
    return prompt.slice(start);
  }

  /** Empties the KV cache: the next job must not see, nor be sped up by, anything of this one. */
  async #free(sequence: LlamaContextSequence): Promise<void> {
    if (!sequence.disposed && !sequence.context.disposed) await sequence.clearHistory();
    this.#pool.give(sequence);
  }
}
