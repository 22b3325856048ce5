import { readFileSync } from "node:fs";
import type { WorkerTestHarness } from "../../harness/index.js";
import { GpuReader } from "../gpu/gpu-reader.js";
import type { ResolvedGpuOptions } from "../gpu/options.js";
import { resolveWorkerDevice } from "../gpu/choose-backends.js";
import { procReader, psReader } from "../process/process-list.js";
import { ProcessTree } from "../process/process-tree.js";
import type { MemorySourceName } from "./registry.js";
import { createGpuSampler, createMissingGpuSampler } from "./gpu-sampler.js";
import type { HealthFacts, Sampler } from "./source.js";
import { createTreeSampler } from "./tree-sampler.js";
import { createHealthSampler, createMetricsSampler } from "./worker-samplers.js";

/** Determines the samplers. */
export interface SamplerOptions {
  readonly sources: readonly MemorySourceName[];
  /** The process of an attached worker. */
  readonly pid?: number | undefined;
  readonly gpu: ResolvedGpuOptions;
}

/** One sampler for each group of wanted sources. */
export function createSamplers(worker: WorkerTestHarness, health: HealthFacts, options: SamplerOptions): Sampler[] {
  const pid = worker.pid ?? options.pid;
  const tree =
    pid === undefined ? undefined : new ProcessTree(pid, process.platform === "linux" ? procReader : psReader);
  const all = [
    createHealthSampler(worker),
    createMetricsSampler(worker),
    createTreeSampler(tree),
    chooseGpuSampler({ health, tree, pid }, options.gpu),
  ];
  return all.filter(({ names }) => names.some((name) => options.sources.includes(name)));
}

/** Whether there is a GPU to read is decided once: by the test, else by the device that the worker reports. */
function chooseGpuSampler(
  {
    health,
    tree,
    pid,
  }: { readonly health: HealthFacts; readonly tree: ProcessTree | undefined; readonly pid: number | undefined },
  { gpuDevice, candidates }: ResolvedGpuOptions,
): Sampler {
  const reported = health.device ?? "";
  if (gpuDevice === -1) return createMissingGpuSampler("the worker runs on the CPU (gpuDevice -1)");
  if (gpuDevice === undefined && /^(cpu|stub)$/.test(reported)) {
    return createMissingGpuSampler(
      `the worker reports that it runs on \`${reported}\`, and no \`gpuDevice\` was given`,
    );
  }
  const found = gpuDevice === undefined ? resolveWorkerDevice(reported, candidates) : { device: gpuDevice, candidates };
  if ("missing" in found) return createMissingGpuSampler(found.missing);
  const env = pid === undefined ? process.env : (readEnvironment(pid) ?? process.env);
  const backends = found.candidates.map(({ backend }) => backend);
  return createGpuSampler({ reader: new GpuReader(backends, { device: found.device, env }), tree });
}

/** The environment that a process was started with; Linux only. */
function readEnvironment(pid: number): Readonly<Record<string, string | undefined>> | undefined {
  try {
    const pairs = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
    return Object.fromEntries(pairs.map((pair) => [pair.split("=", 1)[0] ?? "", pair.slice(pair.indexOf("=") + 1)]));
  } catch {
    return undefined;
  }
}
