import { WorkerError } from "inference-worker-protocol";
import type { Engine, EngineInfo, EngineMemory, EngineRequest, EngineStop } from "../engine.js";
import { createContent } from "./content.js";
import { Pacer, waitUntil } from "./pacing.js";
import type { StubConfig } from "./stub-config.js";
import { VOCABULARY } from "./vocabulary.js";

/** Room for the longest prompt (32,768 characters at four a token) and the longest output. */
const DEFAULT_CONTEXT_LENGTH = 16_384;
const CHARACTERS_PER_TOKEN = 4;

/** Figures that follow the jobs, so that a memory monitor has something to see. */
const MODEL_BYTES = 64 * 1024 * 1024;
const BYTES_PER_TOKEN = 4_096;

export interface StubEngineOptions {
  readonly config: StubConfig;
  readonly slots: number;
  readonly contextSize?: number | undefined;
}

/** The engine of `--stub-mode`: no model, no GPU; tokens are a pure function of the request or come from a script. */
export class StubEngine implements Engine {
  readonly info: EngineInfo;
  readonly slots: number;
  readonly #config: StubConfig;
  #tokensInUse = 0;

  constructor(options: StubEngineOptions) {
    this.slots = options.slots;
    this.#config = options.config;
    this.info = {
      model: "stub",
      device: "stub",
      quantKind: "none",
      contextLength: options.contextSize ?? DEFAULT_CONTEXT_LENGTH,
      vocabSize: VOCABULARY.length,
      resident: true,
      determinism: ["repeat", "restart", "slot", "load"],
    };
  }

  check(request: EngineRequest): void {
    const promptTokens = countPromptTokens(request);
    if (promptTokens + request.max_tokens <= this.info.contextLength) return;
    const needed = `prompt (${promptTokens} tokens) and max_tokens (${request.max_tokens})`;
    throw new WorkerError("CONTEXT_OVERFLOW", `${needed} exceed the context of ${this.info.contextLength} tokens`);
  }

  async *generate(request: EngineRequest, signal: AbortSignal): AsyncGenerator<Uint8Array, EngineStop, void> {
    const content = createContent(this.#config, request);
    const pacer = new Pacer(this.#config.timing);
    const outputTokens = this.#config.outputTokens ?? Infinity;
    let held = countPromptTokens(request);
    this.#tokensInUse += held;
    try {
      for (let index = 0; ; index++) {
        await this.#injectFault(index, signal);
        if (index >= request.max_tokens) return "max_tokens";
        if (index >= outputTokens) return "eos";
        const token = content.next();
        if (token.done === true) return "eos";
        await pacer.next(signal);
        held++;
        this.#tokensInUse++;
        yield token.value;
      }
    } finally {
      this.#tokensInUse -= held;
    }
  }

  memory(): EngineMemory {
    return { vramBytes: MODEL_BYTES + this.#tokensInUse * BYTES_PER_TOKEN };
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }

  async #injectFault(index: number, signal: AbortSignal): Promise<void> {
    const fault = this.#config.faults.find(
      ({ at }) => typeof at === "object" && "afterTokens" in at && at.afterTokens === index,
    );
    if (fault === undefined) return;
    const when = `after token ${index} (stub fault)`;
    if (fault.id === "vram-oom") throw new WorkerError("VRAM_OOM", `out of device memory ${when}`);
    if (fault.id === "cuda-error") throw new WorkerError("CUDA_ERROR", `device failure ${when}`);
    if (fault.id === "inference-failed") throw new WorkerError("INFERENCE_FAILED", `engine failure ${when}`);
    await waitUntil(Infinity, signal);
  }
}

function countPromptTokens(request: EngineRequest): number {
  return Math.ceil(request.prompt.length / CHARACTERS_PER_TOKEN);
}
