import { InvalidOptionError } from "../../errors/index.js";
import { WorkerTestHarness, type MockWorkerOptions } from "../../harness/index.js";
import type { ProfileFlags } from "./flags.js";
import { readObject } from "./read-files.js";
import { splitCommand } from "./split-command.js";

/** A worker, and how people would start it. */
export interface StartedWorker {
  readonly worker: WorkerTestHarness;
  /** `null` for one that ran already. */
  readonly command: string | null;
}

/** Starts, or attaches to, the worker that the flags name. @throws {INVALID_OPTION} none is named. And what the harness throws. */
export async function startWorker(flags: ProfileFlags, signal: AbortSignal): Promise<StartedWorker> {
  const { command, url, model, gpuDevice, stub, parallel } = flags;
  if (flags.stubConfig !== undefined && stub !== true) {
    throw new InvalidOptionError({ message: "Expected --stub-config together with --stub" });
  }
  if ((flags.shutdownExitCodes !== undefined || !flags.checkPortOwner) && command === undefined) {
    throw new InvalidOptionError({
      message: "Expected --shutdown-exit-codes and --no-check-port-owner together with --command",
    });
  }
  if (parallel !== undefined && model === undefined && stub !== true) {
    throw new InvalidOptionError({ message: "Expected --parallel together with --model or --stub" });
  }
  const common = { signal, ...(parallel !== undefined && { parallel }) };
  if (command !== undefined) return { worker: await launch(command, flags, signal), command };
  if (url !== undefined) return { worker: await WorkerTestHarness.attach(url, { signal }), command: null };
  if (model !== undefined) {
    const worker = await WorkerTestHarness.start(model, gpuDevice, common);
    return { worker, command: `worker-orcd --model ${model} --gpu-device ${gpuDevice}` };
  }
  if (stub === true) {
    const config = flags.stubConfig === undefined ? undefined : await readObject("--stub-config", flags.stubConfig);
    const worker = await WorkerTestHarness.startMock({ ...common, stub: config as MockWorkerOptions["stub"] });
    return { worker, command: "worker-orcd --stub-mode" };
  }
  throw new InvalidOptionError({
    message: "Expected one of --command, --url, --model and --stub, to know which worker to measure",
  });
}

async function launch(line: string, flags: ProfileFlags, signal: AbortSignal): Promise<WorkerTestHarness> {
  const [command, ...args] = splitCommand(line);
  const isToldItsPort = args.some((arg) => arg.includes("{port}"));
  const ready = { kind: isToldItsPort ? "http" : "line" } as const;
  const { shutdownExitCodes, checkPortOwner } = flags;
  return WorkerTestHarness.launch({ command, args, ready, shutdownExitCodes, checkPortOwner, signal });
}
