import { randomUUID } from "node:crypto";
import type { ResolvedLaunchOptions } from "./options.js";
import { fillPlaceholders } from "./placeholders.js";
import { createMarkedEnv, type SpawnPlan } from "./process/spawn-plan.js";
import type { WorkerProcess } from "./process/worker-process.js";
import type { ReadyContext, ReadyProbe } from "./readiness/ready-context.js";

/** What one start spawns, with placeholders filled in and the worker's mark in the environment. */
export function createSpawnPlan(options: ResolvedLaunchOptions, reservedPort: number | undefined): SpawnPlan {
  const { command, cwd, logLines, workerId, host } = options;
  const port = resolvePort(options, reservedPort);
  const fill = (text: string): string => fillPlaceholders(text, { port, workerId, host });
  const token = randomUUID();
  const env: Record<string, string | undefined> = {};
  for (const [key, value] of Object.entries(options.env)) env[key] = value === undefined ? value : fill(value);
  return { command, args: options.args.map(fill), env: createMarkedEnv(env, token), cwd, logLines, token };
}

/** How one start determines that it can serve. */
export function createReadyContext(parts: {
  readonly options: ResolvedLaunchOptions;
  readonly process: WorkerProcess;
  readonly reservedPort: number | undefined;
  readonly probe: ReadyProbe | undefined;
}): ReadyContext {
  const { options, process, reservedPort, probe } = parts;
  return {
    worker: process,
    condition: options.ready,
    host: options.host,
    port: resolvePort(options, reservedPort),
    workerId: options.workerId,
    checksIdentity: options.checksIdentity,
    checksPortOwner: options.checksPortOwner,
    probe,
    lastProblem: undefined,
  };
}

function resolvePort({ port }: ResolvedLaunchOptions, reservedPort: number | undefined): number | undefined {
  return port.kind === "given" ? port.port : reservedPort;
}
