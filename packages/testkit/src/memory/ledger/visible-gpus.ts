import { TestkitError } from "../../errors/index.js";
import { chooseBackends, type BackendChoice } from "../gpu/choose-backends.js";
import { GpuReader } from "../gpu/gpu-reader.js";
import type { GpuReading } from "./admission.js";

/** More than a machine has. */
export const MOST_GPUS = 64;

/** The GPUs that can be reserved. */
export class VisibleGpus {
  readonly #readers: ReadonlyMap<number, GpuReader>;
  readonly #devices = new Map<string, number>();

  private constructor(readers: ReadonlyMap<number, GpuReader>) {
    this.#readers = readers;
  }

  /**
   * @param devices all that are visible by default: 0, 1, 2 and so on. @throws {GPU_UNAVAILABLE} @throws {INVALID_OPTION}
   */
  static async find(devices: readonly number[] | undefined, backend: BackendChoice): Promise<VisibleGpus> {
    const backends = chooseBackends(backend).map((candidate) => candidate.backend);
    const open = (device: number) => new GpuReader(backends, { device, env: process.env });
    if (devices !== undefined) return new VisibleGpus(new Map(devices.map((device) => [device, open(device)])));
    const found = new Map<number, GpuReader>();
    for (let device = 0; device < MOST_GPUS; device += 1) {
      const reader = open(device);
      if (device > 0 && "missing" in (await reader.read())) break;
      found.set(device, reader); // the first one is kept, so that reading it says why there is none
    }
    return new VisibleGpus(found);
  }

  /** Reads all of them once. @throws {GPU_UNAVAILABLE} one of them, or a figure of it, cannot be read. */
  async read(): Promise<readonly GpuReading[]> {
    const readings = await Promise.all([...this.#readers].map(([device, reader]) => this.#read(device, reader)));
    return [...new Map(readings.map((reading) => [reading.gpu.uuid, reading])).values()];
  }

  /** Reads one that was read before. @throws {GPU_UNAVAILABLE} */
  readOne(uuid: string): Promise<GpuReading> {
    const device = this.deviceOf(uuid);
    return this.#read(device, this.#readers.get(device) as GpuReader);
  }

  async #read(device: number, reader: GpuReader): Promise<GpuReading> {
    const state = await reader.read();
    if ("missing" in state) throw unavailable(device, state.missing);
    const { totalBytes, uuid } = state.gpu;
    if (totalBytes === undefined) throw unavailable(device, `${state.backend.name} does not report how much there is`);
    if ("missing" in state.used) throw unavailable(device, state.used.missing);
    this.#devices.set(uuid, device);
    return { ...state, totalBytes };
  }

  /** What selects a GPU that was read. */
  deviceOf(uuid: string): number {
    return this.#devices.get(uuid) as number;
  }
}

function unavailable(device: number, reason: string): TestkitError {
  return new TestkitError("GPU_UNAVAILABLE", { message: `the memory of GPU ${device} cannot be read: ${reason}` });
}
