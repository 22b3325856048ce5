import { basename } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { LlamaContext, LlamaModel } from "node-llama-cpp";
import { WorkerError, type DeterminismLevel } from "inference-worker-protocol";
import type { Engine, EngineInfo } from "../engine.js";
import { loadLibrary } from "./library.js";
import { assertFitsDevice, isFullyOnGpu, openDevice, type Device } from "./device.js";
import type { GgufHeader } from "./gguf-header.js";
import { LlamaEngine } from "./llama-engine.js";
import { LoadSteps } from "./load-progress.js";
import { checkModelFile, modelLoadFailed } from "./model-file.js";
import { describeNativeFailure, isOutOfMemory, type NativeFailure } from "./native-errors.js";
import { NativeLog } from "./native-log.js";
import { resolveSlotPlan, type LlamaEngineOptions, type SlotPlan } from "./options.js";

/**
 * Loads a model with llama.cpp. The file is checked first, in milliseconds; then the native library is loaded (about a second), then
 * the device is checked, then the weights are read and the contexts are created. If a step fails, all native resources are freed
 * before the error is thrown.
 *
 * @throws {WorkerError} MODEL_LOAD_FAILED, DEVICE_NOT_FOUND, INSUFFICIENT_VRAM
 * @example
 * const engine = await loadLlamaEngine({ modelPath, gpuDevice: -1, slots: 1, threads: 1, onProgress: () => {} });
 */
export async function loadLlamaEngine(options: LlamaEngineOptions): Promise<Engine> {
  const header = checkModelFile(options.modelPath);
  await assertInstalled(options.modelPath);
  const log = new NativeLog(options.logger);
  const device = await openDevice(options.gpuDevice, log);
  try {
    return await loadOnDevice({ options, header, device, log });
  } catch (cause) {
    await setImmediate(); // the native log arrives through the event loop, after the failure it explains
    const failure = { cause, logLines: log.takeErrors() };
    await device.llama.dispose();
    throw toLoadError(failure, options.modelPath, device.name);
  }
}

interface Loading {
  readonly options: LlamaEngineOptions;
  readonly header: GgufHeader;
  readonly device: Device;
  readonly log: NativeLog;
}

async function loadOnDevice({ options, header, device, log }: Loading): Promise<Engine> {
  const { modelPath } = options;
  const steps = new LoadSteps(options.onProgress);
  const plan = resolveSlotPlan(options, trainContextSize(header));
  if (device.isGpu) await assertFitsDevice(device, modelPath, plan);
  const model = await device.llama.loadModel({
    modelPath,
    gpuLayers: device.isGpu ? "max" : 0,
    ignoreMemorySafetyChecks: true, // a GPU was checked above; on the CPU the estimate is too conservative for small machines
    onLoadProgress: steps.update,
  });
  if (device.isGpu && !isFullyOnGpu(model)) throw new Error("out of memory: not all layers are on the device");
  const contexts = await createContexts(model, plan);
  const info = await describe({ options, header, device, log }, model, plan);
  steps.finish();
  return new LlamaEngine(info, { llama: device.llama, model, contexts, log, promptBatchSize: plan.promptBatchSize });
}

/**
 * One context with a sequence per slot; or, for outputs that do not depend on other jobs, one context per slot: in a shared batch,
 * the rounding of a logit depends on what the other slots happen to do, and it changes tokens.
 */
async function createContexts(model: LlamaModel, plan: SlotPlan): Promise<LlamaContext[]> {
  const contexts: LlamaContext[] = [];
  for (let index = 0; index < plan.contextCount; index++) {
    const context = await model.createContext({
      sequences: plan.sequencesPerContext,
      contextSize: plan.contextSize,
      batchSize: plan.batchSize,
      threads: { ideal: plan.threads, min: plan.threads },
      batching: { dispatchSchedule: (dispatch) => process.nextTick(dispatch) }, // all work of a step has been queued by then, see StepGate
      failedCreationRemedy: false,
      ignoreMemorySafetyChecks: true,
    });
    contexts.push(context);
  }
  return contexts;
}

async function describe({ options, header, device }: Loading, model: LlamaModel, plan: SlotPlan): Promise<EngineInfo> {
  return {
    model: basename(options.modelPath, ".gguf"),
    device: device.name,
    quantKind: await findQuantKind(header),
    contextLength: plan.contextSize,
    vocabSize: model.fileInfo.metadata.tokenizer.ggml.tokens.length,
    resident: true,
    determinism: determinismOf(device, plan),
  };
}

/**
 * By construction (fixed threads, cleared cache, fixed prompt batches) and tested on the CPU; no GPU has been measured yet. A shared
 * batch changes the rounding, so `load` is not guaranteed there.
 */
function determinismOf(device: Device, plan: SlotPlan): readonly DeterminismLevel[] {
  if (device.isGpu) return [];
  const alone = ["repeat", "restart", "slot"] as const;
  return plan.sequencesPerContext === 1 ? [...alone, "load"] : alone;
}

/** `Q4_K_M`, `F16` …; `unknown` if it is not in the file. */
async function findQuantKind({ metadata }: GgufHeader): Promise<string> {
  const { GgufFileType } = await loadLibrary();
  const fileType = metadata.get("general.file_type");
  if (typeof fileType !== "number" || !(fileType in GgufFileType)) return "unknown";
  return (GgufFileType[fileType] ?? "unknown").replace(/^(ALL|MOSTLY)_/, "");
}

function trainContextSize({ architecture, metadata }: GgufHeader): number {
  const size = metadata.get(`${architecture}.context_length`);
  return typeof size === "number" || typeof size === "bigint" ? Number(size) : 4096;
}

async function assertInstalled(modelPath: string): Promise<void> {
  try {
    await loadLibrary();
  } catch (cause) {
    throw modelLoadFailed(
      modelPath,
      "the package node-llama-cpp is not installed or does not load here; `npx inference-testkit engine install` installs it",
      cause,
    );
  }
}

function toLoadError(failure: NativeFailure, modelPath: string, device: string): WorkerError {
  if (failure.cause instanceof WorkerError) return failure.cause;
  const reason = describeNativeFailure(failure);
  if (!isOutOfMemory(failure)) return modelLoadFailed(modelPath, reason, failure.cause);
  const message = `${modelPath} does not fit into the memory of ${device}: ${reason}`;
  return new WorkerError("INSUFFICIENT_VRAM", message, { cause: failure.cause, details: { modelPath, device } });
}
