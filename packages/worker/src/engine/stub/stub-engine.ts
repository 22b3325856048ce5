import { WorkerError } from "inference-worker-protocol";
import type { FaultHit } from "worker-orcd-control";
import type { Chat } from "../chat.js";
import type { Engine, EngineFeature, EngineInfo, EngineMemory, EngineRequest, TokenGenerator } from "../engine.js";
import { isFixedContent } from "./content.js";
import { embedStub } from "./embedding.js";
import { GenerationFaults } from "./generation-faults.js";
import { Pacer } from "./pacing.js";
import { createPlainPlan, type StubPlan } from "./plan.js";
import type { GenerationFaultId } from "./strikes.js";
import type { StubConfig } from "./stub-config.js";
import { countPromptTokens, renderStubChat, tokenizeStub } from "./prompt.js";
import { isEnd, TokenSource } from "./token-source.js";
import { VOCABULARY } from "./vocabulary.js";

/** Room for the longest prompt (32,768 characters at four per token) and the longest output. */
const DEFAULT_CONTEXT_LENGTH = 16_384;

const FEATURES: ReadonlySet<EngineFeature> = new Set(["tools", "thinking", "embeddings"]);

export interface StubEngineOptions {
  /** The configuration in force; it may change while the engine runs. */
  readonly config: () => StubConfig;
  readonly slots: number;
  readonly contextSize?: number | undefined;
}

/** The engine of `--stub-mode`: no model, no GPU; tokens are a pure function of the request or come from a script. */
export class StubEngine implements Engine {
  readonly info: EngineInfo;
  readonly slots: number;
  readonly features = FEATURES;
  readonly #config: () => StubConfig;
  /** Memory in use by jobs, and memory that they leaked. */
  #jobBytes = 0;
  /** Starts at a random number in every process: two runs that must differ may be in different processes. */
  #variation = Number(process.hrtime.bigint() % 1_000_003n);

  constructor({ config, slots, contextSize = DEFAULT_CONTEXT_LENGTH }: StubEngineOptions) {
    this.slots = slots;
    this.#config = config;
    this.info = {
      model: "stub",
      device: "stub",
      quantKind: "none",
      contextLength: contextSize,
      vocabSize: VOCABULARY.length,
      resident: true,
      get determinism() {
        return config().deterministic ? (["repeat", "restart", "slot", "load"] as const) : [];
      },
    };
  }

  check(request: EngineRequest): void {
    const promptTokens = countPromptTokens(request);
    if (promptTokens + request.max_tokens <= this.info.contextLength) return;
    const needed = `prompt (${promptTokens} tokens) and max_tokens (${request.max_tokens})`;
    throw new WorkerError("CONTEXT_OVERFLOW", `${needed} exceed the context of ${this.info.contextLength} tokens`);
  }

  tokenize(prompt: string): readonly number[] {
    return tokenizeStub(prompt);
  }

  renderChat(chat: Chat): string {
    return renderStubChat(chat);
  }

  embed(text: string, dimensions: number): readonly number[] {
    return embedStub(text, dimensions);
  }

  /** @param plan what to do for this job. @default the configuration in force, without faults */
  async *generate(
    request: EngineRequest,
    signal: AbortSignal,
    plan: StubPlan = createPlainPlan(this.#config()),
  ): TokenGenerator {
    const { pacer, faults, source } = this.#prepare(request, plan);
    const { bytesPerToken } = plan.config.memory;
    let heldBytes = countPromptTokens(request) * bytesPerToken;
    this.#jobBytes += heldBytes;
    try {
      for (let index = 0; ; index++) {
        if (plan.generation.length > 0) await faults.strikeAfter(index);
        const token = source.next(index);
        if (isEnd(token)) return token;
        await faults.waitUntil(pacer.next(), signal);
        heldBytes += bytesPerToken;
        this.#jobBytes += bytesPerToken;
        yield token;
      }
    } finally {
      this.#jobBytes += leakedBytes(plan) - heldBytes;
    }
  }

  memory(): EngineMemory {
    return { vramBytes: this.#config().memory.modelBytes + this.#jobBytes };
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }

  #prepare(request: EngineRequest, plan: StubPlan) {
    const { config } = plan;
    const job = { seed: config.seed, jobId: request.job_id, promptTokens: countPromptTokens(request) };
    const pacer = new Pacer(config.timing, job);
    const options = { variation: this.#variationFor(plan), neverStops: hitsOf(plan, "never-stops") };
    return { pacer, faults: new GenerationFaults(plan, pacer), source: new TokenSource(plan, request, options) };
  }

  /** 0 for a job whose tokens depend only on the request; else a different number each time. */
  #variationFor(plan: StubPlan): number {
    const hits = hitsOf(plan, "nondeterministic");
    for (const hit of hits) {
      if (isFixedContent(plan)) hit.bypass("the content is the same for every request");
      else hit.fire();
    }
    return hits.length === 0 && plan.config.deterministic ? 0 : ++this.#variation;
  }
}

function hitsOf<Id extends GenerationFaultId>({ generation }: StubPlan, id: Id): FaultHit<Id>[] {
  return generation.filter((hit): hit is FaultHit<Id> => hit.fault.id === id);
}

/** Memory that an ended job does not release. */
function leakedBytes(plan: StubPlan): number {
  let leaked = plan.config.memory.leakBytesPerJob;
  for (const hit of hitsOf(plan, "memory-leak")) {
    hit.fire();
    leaked += hit.fault.params.bytes;
  }
  return leaked;
}
