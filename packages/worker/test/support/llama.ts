import type { Engine, EngineRequest } from "../../src/engine/engine.js";
import { loadLlamaEngine, type LlamaEngineOptions } from "../../src/engine/llama/index.js";
import { TestModel } from "../../../testkit/src/models/index.js";
import { engineRequest, generateAll } from "./engines.js";

/** Real llama.cpp on the synthetic model, on the CPU with one thread. */
export async function loadLlama(options: Partial<LlamaEngineOptions> = {}): Promise<Engine> {
  const { path: modelPath } = await TestModel.synthetic();
  const defaults = { modelPath, gpuDevice: -1, slots: 1, threads: 1, onProgress: () => undefined };
  return loadLlamaEngine({ ...defaults, ...options });
}

/** The bytes that a job generates, as hexadecimal digits. */
export async function generateHex(engine: Engine, fields: Partial<EngineRequest> = {}): Promise<string> {
  const { tokens } = await generateAll(engine, engineRequest(fields));
  return Buffer.concat(tokens).toString("hex");
}
