import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { Engine, LoadProgress } from "../engine/engine.js";
import { parseStubConfig, type StubConfig, type StubEngine } from "../engine/stub/index.js";
import { UsageError, type FlagValues } from "./parse-flags.js";

/** Which engine to load. */
type EngineChoice =
  | { readonly kind: "stub"; readonly config: StubConfig }
  | { readonly kind: "llama"; readonly modelPath: string; readonly gpuDevice: number; readonly threads: number };

/** What an engine is loaded with. */
export interface EngineOptions {
  readonly engine: EngineChoice;
  readonly slots: number;
  /** Outputs must not depend on other slots; the stub's never do. */
  readonly batchInvariant: boolean;
  readonly contextSize: number | undefined;
}

/**
 * The engine that the flags choose.
 *
 * @throws {UsageError} none, two, or a flag that belongs to another one.
 */
export function resolveEngine(flags: FlagValues): EngineChoice {
  const { model, "gpu-device": gpuDevice, "stub-config": stubConfig } = flags;
  if (flags["stub-mode"] === true) {
    if (model !== undefined) throw new UsageError("--stub-mode and --model exclude each other");
    return { kind: "stub", config: readStubConfig((stubConfig as string | undefined) ?? "{}") };
  }
  if (stubConfig !== undefined) throw new UsageError("--stub-config needs --stub-mode");
  if (model === undefined) throw new UsageError("either --stub-mode or --model is required");
  if (gpuDevice === undefined) throw new UsageError("--model needs --gpu-device; -1 is the CPU");
  const threads = (flags.threads as number | undefined) ?? Math.max(1, Math.floor(availableParallelism() / 2));
  return { kind: "llama", modelPath: model as string, gpuDevice: gpuDevice as number, threads };
}

/** What the log calls the model that is loaded. */
export function nameModel(choice: EngineChoice): string {
  switch (choice.kind) {
    case "stub":
      return "stub";
    case "llama":
      return choice.modelPath;
  }
}

/**
 * Loads the engine.
 *
 * @param stub the engine of stub mode, which exists before it is loaded: faults and the control listener keep a reference to it.
 * @throws {WorkerError} MODEL_LOAD_FAILED, DEVICE_NOT_FOUND, INSUFFICIENT_VRAM
 */
export async function createEngine(
  { engine: choice, slots, batchInvariant, contextSize }: EngineOptions,
  onProgress: LoadProgress,
  stub?: StubEngine,
): Promise<Engine> {
  switch (choice.kind) {
    case "stub": {
      if (stub === undefined) throw new Error("stub mode has no stub engine");
      const { startupDelayMs } = choice.config;
      if (startupDelayMs > 0) await new Promise((resolve) => setTimeout(resolve, startupDelayMs));
      return stub;
    }
    case "llama": {
      // The native part takes about half a second to import, which stub mode avoids.
      const { loadLlamaEngine } = await import("../engine/llama/index.js");
      const { modelPath, gpuDevice, threads } = choice;
      return loadLlamaEngine({ modelPath, gpuDevice, threads, slots, batchInvariant, contextSize, onProgress });
    }
  }
}

function readStubConfig(jsonOrFile: string): StubConfig {
  try {
    const text = jsonOrFile.trimStart().startsWith("{") ? jsonOrFile : readFileSync(jsonOrFile, "utf8");
    return parseStubConfig(JSON.parse(text));
  } catch (cause) {
    throw new UsageError(`--stub-config: ${(cause as Error).message}`, { cause });
  }
}
