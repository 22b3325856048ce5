import { TestkitError } from "../../errors/index.js";
import { defineOptions, resolveOptions, withDefault, type OptionsOf } from "../../options/index.js";
import type { MemoryGpuInfo } from "../record.js";
import { chooseBackends, type BackendChoice } from "./choose-backends.js";
import { GpuReader } from "./gpu-reader.js";
import { GPU_OPTIONS, gpuDevice } from "./options.js";

/** For {@link readGpuMemory}: a GPU is required. */
export const READ_OPTIONS = defineOptions({
  ...GPU_OPTIONS,
  /** As in {@link GpuOptions}, but with the variables of this process, and the CPU (-1) is not allowed. @default 0 */
  gpuDevice: withDefault(gpuDevice(0), 0),
});

/** Options of {@link readGpuMemory}. */
export type ReadGpuMemoryOptions = OptionsOf<typeof READ_OPTIONS>;

/** The memory of a whole GPU at one moment. */
export interface GpuMemory extends MemoryGpuInfo {
  readonly usedBytes: number;
  /** Compute processes on it; `undefined` if the tool does not list them. Empty in most containers. */
  readonly pids: readonly number[] | undefined;
}

/**
 * Reads the memory of a GPU, as a baseline before a worker is started.
 *
 * @throws {GPU_UNAVAILABLE} no GPU, no tool for it, or no figure; the message has each tool's reason. @throws {INVALID_OPTION}
 * @example const { usedBytes: baselineBytes } = await readGpuMemory({ gpuDevice: 0 });
 */
export async function readGpuMemory(options: ReadGpuMemoryOptions = {}): Promise<GpuMemory> {
  return readOnce(createGpuReader(resolveOptions(READ_OPTIONS, options)));
}

/** A reader with the environment of this process, not of a worker. @throws {INVALID_OPTION} */
export function createGpuReader({ gpuDevice, ...choice }: BackendChoice & { gpuDevice: number | string }): GpuReader {
  const backends = chooseBackends(choice).map(({ backend }) => backend);
  return new GpuReader(backends, { device: gpuDevice, env: process.env });
}

/** @throws {GPU_UNAVAILABLE} */
export async function readOnce(reader: GpuReader): Promise<GpuMemory> {
  const state = await reader.read();
  if ("missing" in state) throw createUnavailableError(state.missing);
  if ("missing" in state.used) throw createUnavailableError(state.used.missing);
  const pids = "missing" in state.processes ? undefined : state.processes.map(({ pid }) => pid);
  return { ...state.gpu, usedBytes: state.used.bytes, pids };
}

function createUnavailableError(reason: string): TestkitError {
  return new TestkitError("GPU_UNAVAILABLE", { message: `the memory of the GPU cannot be read: ${reason}` });
}
