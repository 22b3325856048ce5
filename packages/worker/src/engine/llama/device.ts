import type { GgufInsights, Llama, LlamaModel } from "node-llama-cpp";
import { loadLibrary } from "./library.js";
import { chooseGpu, deviceNotFound, type GpuChoice } from "./gpu-choice.js";
import { findGpus } from "./gpu-discovery.js";
import type { NativeLog } from "./native-log.js";
import type { SlotPlan } from "./options.js";
import { assertFits } from "./vram.js";

/** A loaded back end on the device that the worker uses. */
export interface Device {
  readonly llama: Llama;
  /** `cpu`, `cuda:0` … */
  readonly name: string;
  readonly isGpu: boolean;
}

/**
 * Loads the native library for the CPU (-1) or for GPU `gpuDevice`.
 *
 * @throws {WorkerError} DEVICE_NOT_FOUND
 */
export async function openDevice(gpuDevice: number, log: NativeLog): Promise<Device> {
  if (gpuDevice === -1) return { llama: await openBackend(false, log), name: "cpu", isGpu: false };
  const gpus = await findGpus();
  const choice = chooseGpu(gpuDevice, gpus, process.env);
  if (choice.visibility !== undefined) process.env[choice.visibility.name] = choice.visibility.value;
  const llama = await openBackend(choice.backend, log);
  const seen = await llama.getGpuDeviceNames();
  if (isOnly(choice, llama, seen)) return { llama, name: choice.device, isGpu: true };
  await llama.dispose();
  throw deviceNotFound(gpuDevice, gpus);
}

async function openBackend(gpu: GpuChoice["backend"] | false, log: NativeLog): Promise<Llama> {
  const { getLlama, LlamaLogLevel } = await loadLibrary();
  return getLlama({
    gpu,
    build: "never",
    progressLogs: false,
    logLevel: LlamaLogLevel.warn,
    logger: log.write,
    maxThreads: 0, // contexts do not share threads: each has its own, see createContexts()
  });
}

function isOnly(choice: GpuChoice, llama: Llama, seen: readonly string[]): boolean {
  return llama.gpu === choice.backend && seen.length === 1 && seen[0] === choice.deviceName;
}

/** The layout of the contexts of all slots. */
export type ContextPlan = Pick<SlotPlan, "contextCount" | "sequencesPerContext" | "contextSize" | "batchSize">;

/**
 * Checks before any allocation that the whole model and the contexts of all slots fit on the device.
 *
 * @throws {WorkerError} INSUFFICIENT_VRAM
 */
export async function assertFitsDevice(device: Device, modelPath: string, plan: ContextPlan): Promise<void> {
  const { GgufInsights, readGgufFileInfo } = await loadLibrary();
  const fileInfo = await readGgufFileInfo(modelPath, { sourceType: "filesystem", logWarnings: false });
  const requiredBytes = await estimateVram(await GgufInsights.from(fileInfo, device.llama), plan);
  const { free } = await device.llama.getVramState();
  assertFits({ requiredBytes, availableBytes: free, device: device.name, modelPath });
}

async function estimateVram(insights: GgufInsights, plan: ContextPlan): Promise<number> {
  const { contextCount, sequencesPerContext: sequences, contextSize, batchSize } = plan;
  const gpuLayers = insights.totalLayers;
  const model = await insights.estimateModelResourceRequirementsV2({ gpuLayers });
  const options = { contextSize, batchSize, sequences, modelGpuLayers: gpuLayers };
  const context = await insights.estimateContextResourceRequirementsV2(options);
  return model.gpuVram + contextCount * context.gpuVram;
}

/** Whether every layer is on the GPU. */
export function isFullyOnGpu(model: LlamaModel): boolean {
  return model.gpuLayers >= model.fileInsights.totalLayers;
}
