import { preloadHttp, WorkerClient } from "../client/index.js";
import { resolveStreamLimits } from "../events/index.js";
import {
  cleanUpAfter,
  launchWorker,
  resolveLaunchOptions,
  type LaunchedWorker,
  type LaunchOptions,
  type ProbeTarget,
  type ResolvedLaunchOptions,
} from "../launch/index.js";
import { validateWorkerOptions } from "./check-worker-options.js";
import { validateIdentity } from "./identity.js";
import { resolveWorkerCommand } from "./worker-command.js";
import {
  modelArguments,
  stubArguments,
  workerArguments,
  type HarnessOptions,
  type MockWorkerOptions,
  type ProgramOptions,
  type WorkerOptions,
} from "./worker-options.js";

/** What a harness is made of. */
export interface HarnessParts {
  readonly client: WorkerClient;
  /** Undefined for a worker that was attached, not started. */
  readonly process: LaunchedWorker | undefined;
  readonly workerId: string;
}

const MODEL_READY_TIMEOUT_MS = 30_000;
const MOCK_READY_TIMEOUT_MS = 10_000;
const LOG_TAIL_LINES = 20;

/** Starts worker-orcd, or a program with its flags, with a model. */
export function startModelWorker(modelPath: string, gpuDevice: number, options: WorkerOptions): Promise<HarnessParts> {
  const args = modelArguments(modelPath, gpuDevice);
  return startOrcd(args, { readyTimeoutMs: MODEL_READY_TIMEOUT_MS, ...options });
}

/** Starts worker-orcd in stub mode. */
export function startMockWorker(options: MockWorkerOptions): Promise<HarnessParts> {
  return startOrcd(stubArguments(options.stub), { readyTimeoutMs: MOCK_READY_TIMEOUT_MS, ...options });
}

/** Starts any program. */
export async function startProgram(options: ProgramOptions): Promise<HarnessParts> {
  const resolved = resolveLaunchOptions(options);
  return startResolved(resolved, { ...options, checkIdentity: options.checkIdentity ?? resolved.checksIdentity });
}

/** Connects to a worker that runs already. */
export async function attachWorker(url: string, options: HarnessOptions): Promise<HarnessParts> {
  const client = new WorkerClient({ baseUrl: url, limits: options.limits });
  try {
    const body = await (await client.request("/health", { signal: options.signal })).json();
    const workerId = (body as { worker_id?: unknown } | null)?.worker_id;
    return { client, process: undefined, workerId: typeof workerId === "string" ? workerId : "unknown" };
  } catch (error) {
    await client.close();
    throw error;
  }
}

async function startOrcd(engineArgs: string[], options: WorkerOptions): Promise<HarnessParts> {
  validateWorkerOptions(options);
  const [command, ...leading] = resolveWorkerCommand(options.command);
  const { env, cwd, workerId, host, port, readyTimeoutMs, stopGraceMs, logLines, name = "worker-orcd" } = options;
  const common = { env, cwd, workerId, host, port, readyTimeoutMs, stopGraceMs, logLines, name };
  const args = [...leading, ...engineArgs, ...workerArguments(options)];
  const launch: LaunchOptions = { ...common, command, args, ready: { kind: "line" } };
  return startResolved(resolveLaunchOptions(launch), { ...options, checkIdentity: true });
}

async function startResolved(
  resolved: ResolvedLaunchOptions,
  options: HarnessOptions & { checkIdentity: boolean },
): Promise<HarnessParts> {
  const startedAtMs = performance.now();
  const limits = resolveStreamLimits(options.limits); // a wrong one is refused before anything runs
  preloadHttp();
  const worker = await launchWorker(resolved, { signal: options.signal, probe: probeOnce });
  const client = new WorkerClient({
    baseUrl: createBaseUrl(worker),
    limits,
    logTail: () => worker.logs.tail(LOG_TAIL_LINES),
  });
  try {
    const remainingMs = Math.max(1, resolved.readyTimeoutMs - (performance.now() - startedAtMs));
    if (options.checkIdentity) await validateIdentity(client, worker.workerId, remainingMs);
    return { client, process: worker, workerId: worker.workerId };
  } catch (error) {
    throw await cleanUpAfter(error, async () => {
      await Promise.all([worker.stop(), client.close()]);
    });
  }
}

/** Asks a starting program once; the launch asks again until it resolves. */
async function probeOnce(target: ProbeTarget): Promise<void> {
  const client = new WorkerClient({ baseUrl: createBaseUrl(target) });
  try {
    const { status } = await client.request(target.path, { signal: target.signal });
    if (status !== 200) throw new Error(`${target.path} answered ${status}`);
  } finally {
    await client.close();
  }
}

function createBaseUrl({ host, port }: { readonly host: string; readonly port: number }): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
