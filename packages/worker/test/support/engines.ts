import { parseStubConfig, type StubConfigInput } from "worker-orcd-control";
import type { Engine, EngineInfo, EngineOutput, EngineRequest, EngineStop } from "../../src/engine/engine.js";
import { StubControl } from "../../src/faults/index.js";

/** A request with everything filled in. */
export function engineRequest(fields: Partial<EngineRequest> = {}): EngineRequest {
  return {
    job_id: "job",
    prompt: "Hello",
    max_tokens: 10,
    temperature: 1,
    seed: 42n,
    top_p: 1,
    top_k: 0,
    min_p: 0,
    repetition_penalty: 1,
    stop: [],
    ...fields,
  };
}

/** What a worker in stub mode does on purpose, without the worker. */
export function stubControl(config: StubConfigInput = {}, slots = 1): StubControl {
  const exit = (code: number) => Promise.reject(new Error(`exit ${code}`));
  return new StubControl({ config: parseStubConfig(config), slots, onFired: () => undefined, exit });
}

/** The real stub engine; each generation gets the plan that the control chooses, as in a worker. */
export function stubEngine(config: StubConfigInput = {}, slots = 1): Engine {
  const control = stubControl(config, slots);
  const { engine } = control;
  return {
    info: engine.info,
    slots,
    features: engine.features,
    tokenize: (prompt) => engine.tokenize(prompt),
    renderChat: (chat) => engine.renderChat(chat),
    check: (request) => engine.check(request),
    generate: (request, signal) => engine.generate(request, signal, control.choose(request)),
    memory: () => engine.memory(),
    dispose: () => engine.dispose(),
  };
}

type Generate = (request: EngineRequest, signal: AbortSignal) => AsyncGenerator<Uint8Array, EngineStop, void>;

/** A small engine that behaves in its own way. */
export function engineThat(generate: Generate, slots = 1): Engine {
  const info: EngineInfo = {
    model: "hand-written",
    device: "none",
    quantKind: "none",
    contextLength: 1024,
    vocabSize: 256,
    resident: true,
    determinism: [],
  };
  return {
    info,
    slots,
    features: new Set(),
    tokenize: () => [],
    renderChat: () => "",
    check: () => undefined,
    generate,
    memory: () => ({ vramBytes: 0 }),
    dispose: () => Promise.resolve(),
  };
}

const encoder = new TextEncoder();

export const bytes = (text: string): Uint8Array => encoder.encode(text);

/** All tokens of a generation, and why it stopped. */
export async function generateAll(
  engine: Pick<Engine, "generate">,
  request: EngineRequest,
): Promise<{ tokens: Uint8Array[]; stop: EngineStop }> {
  const { outputs, stop } = await generateOutputs(engine, request);
  const tokens = outputs.filter((output): output is Uint8Array => output instanceof Uint8Array);
  if (tokens.length < outputs.length) throw new Error("Expected nothing but text");
  return { tokens, stop };
}

/** The same, with what is not text. */
export async function generateOutputs(
  engine: Pick<Engine, "generate">,
  request: EngineRequest,
): Promise<{ outputs: EngineOutput[]; stop: EngineStop }> {
  const generator = engine.generate(request, new AbortController().signal);
  const outputs: EngineOutput[] = [];
  for (;;) {
    const step = await generator.next();
    if (step.done === true) return { outputs, stop: typeof step.value === "string" ? step.value : step.value.stop };
    outputs.push(step.value);
  }
}

/** The text of a generation. */
export async function generateText(engine: Engine, request: EngineRequest): Promise<string> {
  return Buffer.concat((await generateAll(engine, request)).tokens).toString();
}
