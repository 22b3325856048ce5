import { checkKnownOptions, TestkitError } from "../../errors/index.js";
import { GpuReader } from "./gpu-reader.js";
import { GPU_OPTIONS, resolveNvidiaSmi, validateGpuDevice, type GpuOptions } from "./options.js";
import type { MemoryGpuInfo } from "../record.js";

/** Options of {@link readGpuMemory}; the device is 0 unless said otherwise, and `CUDA_VISIBLE_DEVICES` is that of this process. */
export type ReadGpuMemoryOptions = GpuOptions;

/** The memory of a whole GPU at one moment. */
export interface GpuMemory extends MemoryGpuInfo {
  readonly usedBytes: number;
  /** Processes that compute on it; `undefined` where the driver does not list them. Empty in most containers. */
  readonly pids: readonly number[] | undefined;
}

/**
 * Reads the memory of a GPU, for a baseline before a worker is started.
 *
 * @throws {GPU_UNAVAILABLE} no GPU, no driver, or it does not tell; the message says which. @throws {INVALID_OPTION}
 * @example const { usedBytes: baselineBytes } = await readGpuMemory({ gpuDevice: 0 });
 */
export async function readGpuMemory(options: ReadGpuMemoryOptions = {}): Promise<GpuMemory> {
  checkKnownOptions("options", options, GPU_OPTIONS);
  return readOnce(createGpuReader(options));
}

/** A reader for this process, not for a worker. @throws {INVALID_OPTION} */
export function createGpuReader({ gpuDevice = 0, nvidiaSmi }: GpuOptions): GpuReader {
  validateGpuDevice(gpuDevice, 0);
  const { CUDA_VISIBLE_DEVICES: visible, CUDA_DEVICE_ORDER: order } = process.env;
  return new GpuReader(resolveNvidiaSmi(nvidiaSmi), { device: gpuDevice, visible, order });
}

/** @throws {GPU_UNAVAILABLE} */
export async function readOnce(reader: GpuReader): Promise<GpuMemory> {
  const state = await reader.read();
  const reason = "missing" in state ? state.missing : "missing" in state.used ? state.used.missing : undefined;
  if (reason !== undefined || !("used" in state) || !("bytes" in state.used)) {
    throw new TestkitError("GPU_UNAVAILABLE", {
      message: `the memory of the GPU cannot be read: ${reason ?? "no figure"}`,
    });
  }
  const pids = "missing" in state.processes ? undefined : state.processes.map(({ pid }) => pid);
  return { ...state.gpu, usedBytes: state.used.bytes, pids };
}
