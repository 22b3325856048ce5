import type { Llama, LlamaContext, LlamaModel, SequenceEvaluateOptions, Token } from "node-llama-cpp";
import { WorkerError } from "inference-worker-protocol";
import type { Chat } from "../chat.js";
import type { Engine, EngineFeature, EngineInfo, EngineMemory, EngineRequest, TokenGenerator } from "../engine.js";
import { ChatTemplate } from "./chat-template.js";
import { toJobError } from "./native-errors.js";
import type { NativeLog } from "./native-log.js";
import { checkFormat, createGrammarState } from "./output-grammar.js";
import { toSamplingOptions } from "./sampling.js";
import { createSlots, SlotPool, type Slot } from "./slot.js";
import { TokenBytes } from "./token-bytes.js";
import { toMetadataOptions, toOutput, type SampledToken } from "./token-scores.js";

/** The native resources that an engine owns and frees. */
export interface NativeParts {
  readonly llama: Llama;
  readonly model: LlamaModel;
  /** One context with a sequence per slot, or one context with a single sequence per slot. */
  readonly contexts: readonly LlamaContext[];
  readonly log: NativeLog;
  /** Prompt tokens that a context decodes in one batch. */
  readonly promptBatchSize: number;
}

/** llama.cpp in this process. See README.md in this folder for what crosses the boundary. */
export class LlamaEngine implements Engine {
  readonly info: EngineInfo;
  readonly slots: number;
  readonly features: ReadonlySet<EngineFeature> = new Set(["logprobs"]);
  readonly #parts: NativeParts;
  readonly #pool: SlotPool<Slot>;
  readonly #bytes: TokenBytes;
  readonly #template: ChatTemplate;
  #disposal: Promise<void> | undefined;
  /** Prompts that {@link check} has tokenized, so that {@link generate} does not do it again. */
  readonly #prompts = new WeakMap<EngineRequest, readonly Token[]>();
  readonly #failures = new WeakMap<Error, WorkerError>();

  constructor(info: EngineInfo, parts: NativeParts) {
    this.info = info;
    this.#parts = parts;
    const slots = parts.contexts.flatMap((context) => createSlots(context, parts.promptBatchSize));
    this.slots = slots.length;
    this.#pool = new SlotPool(slots);
    this.#bytes = new TokenBytes(parts.model);
    this.#template = ChatTemplate.of(parts.model);
  }

  tokenize(prompt: string): readonly number[] {
    return this.#tokenize(prompt);
  }

  renderChat(chat: Chat): string {
    return this.#template.render(chat);
  }

  check(request: EngineRequest): void {
    checkFormat(request.format);
    const prompt = this.#tokenize(request.prompt);
    const { contextLength } = this.info;
    if (prompt.length + request.max_tokens > contextLength) {
      const needed = `prompt (${prompt.length} tokens) and max_tokens (${request.max_tokens})`;
      throw new WorkerError("CONTEXT_OVERFLOW", `${needed} exceed the context of ${contextLength} tokens`);
    }
    this.#prompts.set(request, prompt);
  }

  async *generate(request: EngineRequest, signal: AbortSignal): TokenGenerator {
    if (!this.#prompts.has(request)) this.check(request);
    const history = [...(this.#prompts.get(request) ?? [])];
    const slot = await this.#pool.take();
    let tokens: TokenIterator | undefined;
    try {
      const options = await this.#evaluation(request, history);
      const rest = await this.#prefill(slot, history, signal);
      tokens = slot.sequence.evaluateWithMetadata(rest, toMetadataOptions(request.topLogprobs), options);
      let stepSize = rest.length;
      for (let left = request.max_tokens; left > 0; left--) {
        const next = await nextToken(slot, tokens, { stepSize, signal });
        stepSize = 1;
        if (next.done === true) return "eos"; // the end-of-generation token itself is not yielded
        history.push(next.value.token);
        yield toOutput(next.value, this.#bytes, request.topLogprobs);
      }
      return "max_tokens";
    } catch (cause) {
      if (signal.aborted) throw cause;
      throw this.#toJobError(cause);
    } finally {
      await tokens?.return();
      await this.#free(slot);
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

  async #evaluation(request: EngineRequest, history: readonly Token[]): Promise<SequenceEvaluateOptions> {
    const sampling = toSamplingOptions(request, { history, contextLength: this.info.contextLength });
    const grammarEvaluationState = await createGrammarState(this.#parts, request.format);
    return {
      ...sampling,
      ...(grammarEvaluationState === undefined ? {} : { grammarEvaluationState }),
      ...(request.ignoreEos === true ? { yieldEogToken: true } : {}),
    };
  }

  /** Special tokens in the prompt are recognized: they come from the client's chat template, or from that of the model. */
  #tokenize(prompt: string): Token[] {
    if (this.#disposal !== undefined) throw new WorkerError("INFERENCE_FAILED", "The engine is disposed");
    const { model } = this.#parts;
    const { bos, shouldPrependBosToken } = model.tokens;
    const tokens = model.tokenize(prompt, true);
    if (shouldPrependBosToken && bos !== null && tokens[0] !== bos) tokens.unshift(bos);
    if (tokens.length === 0) throw new WorkerError("INVALID_REQUEST", "The prompt has no tokens");
    return tokens;
  }

  /**
   * Decodes the prompt in batches, so that neither an abort nor the tokens of other jobs must wait for all of it. The last
   * batch is left to the caller. The batch boundaries do not depend on other jobs.
   */
  async #prefill({ sequence, gate }: Slot, prompt: readonly Token[], signal: AbortSignal): Promise<Token[]> {
    const { promptBatchSize } = this.#parts;
    let start = 0;
    for (; start + promptBatchSize < prompt.length; start += promptBatchSize) {
      const batch = prompt.slice(start, start + promptBatchSize);
      await gate.run(batch.length, async () => {
        signal.throwIfAborted();
        await sequence.evaluateWithoutGeneratingNewTokens(batch);
      });
    }
    return prompt.slice(start);
  }

  /** A failed batch fails all of its jobs with the same native error, so they get the same code and reason. */
  #toJobError(cause: unknown): WorkerError {
    const known = cause instanceof Error ? this.#failures.get(cause) : undefined;
    const error = known ?? toJobError({ cause, logLines: this.#parts.log.takeErrors() });
    if (cause instanceof Error) this.#failures.set(cause, error);
    return error;
  }

  /** Clears the KV cache: the next job must neither see nor be sped up by anything from this one. */
  async #free(slot: Slot): Promise<void> {
    const { sequence } = slot;
    if (!sequence.disposed && !sequence.context.disposed) await sequence.clearHistory();
    this.#pool.give(slot);
  }
}

type TokenIterator = Pick<AsyncGenerator<SampledToken>, "next"> & { return(value?: undefined): Promise<unknown> };

/** Takes part in the next step of the slot's context. An abort takes at most as long as the current step. */
async function nextToken(
  { gate }: Slot,
  tokens: TokenIterator,
  { stepSize, signal }: { readonly stepSize: number; readonly signal: AbortSignal },
): ReturnType<TokenIterator["next"]> {
  const next = await gate.run(stepSize, () => {
    signal.throwIfAborted();
    return tokens.next();
  });
  signal.throwIfAborted();
  return next;
}
