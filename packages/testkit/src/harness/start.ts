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
import { checkKnownOptions } from "../errors/index.js";
import { validateWorkerOptions } from "./check-worker-options.js";
import { explainDeath } from "./explain-death.js";
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

const PROGRAM_OPTIONS = [
  "command",
  "args",
  "env",
  "cwd",
  "workerId",
  "host",
  "port",
  "ready",
  "readyTimeoutMs",
  "stopGraceMs",
  "logLines",
  "name",
  "shutdownSignal",
  "limits",
  "signal",
  "checkIdentity",
] satisfies (keyof ProgramOptions)[];
const MODEL_READY_TIMEOUT_MS = 30_000;
const MOCK_READY_TIMEOUT_MS = 10_000;
const LOG_TAIL_LINES = 20;

/** Starts worker-orcd, or a program with its flags, with a model. */
export function startModelWorker(modelPath: string, gpuDevice: number, options: WorkerOptions): Promise<HarnessParts> {
  const args = modelArguments(modelPath, gpuDevice);
  return startOrcd(args, { ...options, readyTimeoutMs: options.readyTimeoutMs ?? MODEL_READY_TIMEOUT_MS });
}

/** Starts worker-orcd in stub mode. */
export function startMockWorker(options: MockWorkerOptions): Promise<HarnessParts> {
  const { stub, ...worker } = options;
  return startOrcd(stubArguments(stub), { ...worker, readyTimeoutMs: options.readyTimeoutMs ?? MOCK_READY_TIMEOUT_MS });
}

/** Starts any program. */
export async function startProgram(options: ProgramOptions): Promise<HarnessParts> {
  checkKnownOptions("options", options, PROGRAM_OPTIONS);
  const resolved = resolveLaunchOptions(options);
  return startResolved(resolved, { ...options, checkIdentity: options.checkIdentity ?? resolved.checksIdentity });
}

/** Connects to a worker that runs already. */
export async function attachWorker(url: string, options: HarnessOptions): Promise<HarnessParts> {
  checkKnownOptions("options", options, ["limits", "signal"] satisfies (keyof HarnessOptions)[]);
  const client = new WorkerClient({ baseUrl: url, limits: options.limits });
  const timeoutMs = resolveStreamLimits(options.limits).headersMs;
  try {
    const body = await (await client.request("/health", { signal: options.signal, timeoutMs })).json();
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
    const timeoutMs = Math.max(1, Math.round(resolved.readyTimeoutMs - (performance.now() - startedAtMs)));
    const { signal } = options;
    if (options.checkIdentity) await validateIdentity(client, worker.workerId, { timeoutMs, signal });
    return { client, process: worker, workerId: worker.workerId };
  } catch (error) {
    const reason = await explainDeath(error, worker, "before it was ready");
    throw await cleanUpAfter(reason, async () => {
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
