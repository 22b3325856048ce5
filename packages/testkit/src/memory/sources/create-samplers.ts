import { readFileSync } from "node:fs";
import type { WorkerTestHarness } from "../../harness/index.js";
import { GpuReader, resolveNvidiaSmi, type GpuOptions } from "../gpu/index.js";
import { procReader, ProcessTree, psReader } from "../process/index.js";
import type { MemorySourceName } from "../sample.js";
import { createGpuSampler, createMissingGpuSampler } from "./gpu-sampler.js";
import type { HealthFacts, Sampler } from "./source.js";
import { createTreeSampler } from "./tree-sampler.js";
import { createHealthSampler, createMetricsSampler } from "./worker-samplers.js";

/** What decides about the samplers. */
export interface SamplerOptions extends GpuOptions {
  readonly sources: readonly MemorySourceName[];
  /** The worker's process, of an attached worker. */
  readonly pid?: number | undefined;
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
    chooseGpuSampler({ health, tree, pid }, options),
  ];
  return all.filter(({ names }) => names.some((name) => options.sources.includes(name)));
}

/** Whether there is a GPU to look at is decided once: by the test's author, else by what the worker says that it runs on. */
function chooseGpuSampler(
  {
    health,
    tree,
    pid,
  }: { readonly health: HealthFacts; readonly tree: ProcessTree | undefined; readonly pid: number | undefined },
  { gpuDevice, nvidiaSmi }: SamplerOptions,
): Sampler {
  const said = health.device ?? "";
  if (gpuDevice === -1) return createMissingGpuSampler("the worker runs on the CPU (gpuDevice -1)");
  if (gpuDevice === undefined && /^(cpu|stub)$/.test(said)) {
    return createMissingGpuSampler(`the worker says that it runs on \`${said}\`, and no \`gpuDevice\` was given`);
  }
  if (gpuDevice === undefined && /^(vulkan|metal|rocm|hip|sycl)\b/i.test(said)) {
    return createMissingGpuSampler(
      `the worker runs on \`${said}\`, which CUDA does not number: give \`gpuDevice\` if nvidia-smi knows it`,
    );
  }
  const device = gpuDevice ?? Number(/^cuda:(\d+)$/i.exec(said)?.[1] ?? 0);
  const env = pid === undefined ? process.env : (readEnvironment(pid) ?? process.env);
  const { CUDA_VISIBLE_DEVICES: visible, CUDA_DEVICE_ORDER: order } = env;
  const reader = new GpuReader(resolveNvidiaSmi(nvidiaSmi), { device, visible, order });
  return createGpuSampler({ reader, tree });
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
