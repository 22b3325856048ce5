import { stringifyJson } from "inference-worker-protocol";
import type { StubConfigInput } from "worker-orcd-control";
import type { ResolvedWorkerOptions } from "./options.js";

/** The flags of worker-orcd for a model. */
export function modelArguments({ modelPath, gpuDevice }: { modelPath: string; gpuDevice: number }): string[] {
  return ["--model", modelPath, "--gpu-device", String(gpuDevice)];
}

/** The flags of worker-orcd for stub mode. */
export function stubArguments(stub: StubConfigInput | undefined): string[] {
  return ["--stub-mode", ...(stub === undefined ? [] : ["--stub-config", stringifyJson(stub)])];
}

/** Every option that is a flag of worker-orcd. */
export function workerArguments(options: ResolvedWorkerOptions): string[] {
  const seconds = (ms: number | undefined) => (ms === undefined ? undefined : ms / 1000);
  const flags = {
    "--port": options.port ?? 0,
    "--host": "{host}",
    "--worker-id": "{workerId}",
    "--parallel": options.parallel,
    "--max-queue": options.maxQueue,
    "--max-tokens-out": options.maxTokensOut,
    "--context-size": options.contextSize,
    "--threads": options.threads,
    "--inference-timeout-sec": seconds(options.inferenceTimeoutMs),
    "--shutdown-grace-sec": seconds(options.shutdownGraceMs),
    "--log-level": options.logLevel,
  };
  const given = Object.entries(flags).filter(([, value]) => value !== undefined);
  const switches = options.batchInvariant ? ["--batch-invariant"] : [];
  return [...given.flatMap(([flag, value]) => [flag, String(value)]), ...switches, ...options.args];
}
