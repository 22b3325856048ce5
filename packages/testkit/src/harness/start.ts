import type { ResolvedFault } from "worker-orcd-control";
import { LoadingHint, preloadHttp, WorkerClient, type StreamWatcher } from "../client/index.js";
import { checkKnownOptions, checkOption, InvalidOptionError } from "../errors/index.js";
import { resolveStreamLimits } from "../events/index.js";
import { FaultSession, requireAvailable } from "../faults/index.js";
import {
  cleanUpAfter,
  findExit,
  resolveLaunchOptions,
  type LaunchOptions,
  type ResolvedLaunchOptions,
} from "../launch/index.js";
import { validateWorkerOptions } from "./check-worker-options.js";
import { createBaseUrl, launchVerified, type StartPlan } from "./launch-verified.js";
import { resolveWorkerCommand } from "./worker-command.js";
import { WorkerLifecycle } from "./worker-lifecycle.js";
import {
  modelArguments,
  stubArguments,
  workerArguments,
  type HarnessOptions,
  type MockWorkerOptions,
  type ProgramOptions,
  type StartOptions,
  type WorkerOptions,
} from "./worker-options.js";

/** What a harness is made of. */
export interface HarnessParts {
  readonly client: WorkerClient;
  readonly faults: FaultSession;
  /** Undefined for a worker that was attached, not started. */
  readonly process: WorkerLifecycle | undefined;
  readonly workerId: string;
}

const PROGRAM_OPTIONS = [
  "command",
  "args",
  "wrapper",
  "hostFaults",
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
  "shutdownExitCodes",
  "checkPortOwner",
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
  const readyTimeoutMs = options.readyTimeoutMs ?? MODEL_READY_TIMEOUT_MS;
  return startOrcd({ args, faults: [] }, { ...options, readyTimeoutMs });
}

/** Starts worker-orcd in stub mode. */
export function startMockWorker(options: MockWorkerOptions): Promise<HarnessParts> {
  const { stub, ...worker } = options;
  const readyTimeoutMs = options.readyTimeoutMs ?? MOCK_READY_TIMEOUT_MS;
  return startOrcd(stubArguments(stub), { ...worker, readyTimeoutMs });
}

/** Starts any program. */
export async function startProgram(options: ProgramOptions): Promise<HarnessParts> {
  checkKnownOptions("options", options, PROGRAM_OPTIONS);
  const resolved = resolveLaunchOptions({ ...options, wrapper: createWrapper(options) });
  const checkIdentity = options.checkIdentity ?? resolved.checksIdentity;
  return startAndConnect({ resolve: (again) => chooseSamePort(resolved, again?.port), checkIdentity, options });
}

/** Connects to a worker that runs already. */
export async function attachWorker(url: string, options: HarnessOptions): Promise<HarnessParts> {
  checkKnownOptions("options", options, ["limits", "signal"] satisfies (keyof HarnessOptions)[]);
  const client = new WorkerClient({ baseUrl: url, limits: options.limits });
  const timeoutMs = resolveStreamLimits(options.limits).headersMs;
  try {
    const body = await (await client.request("/health", { signal: options.signal, timeoutMs })).json();
    const workerId = (body as { worker_id?: unknown } | null)?.worker_id;
    const faults = new FaultSession({ process: undefined, startFaults: [], hostFaults: [] });
    return { client, faults, process: undefined, workerId: typeof workerId === "string" ? workerId : "unknown" };
  } catch (error) {
    await client.close();
    throw error;
  }
}

async function startOrcd(
  engine: { readonly args: readonly string[]; readonly faults: readonly ResolvedFault[] },
  options: WorkerOptions,
): Promise<HarnessParts> {
  validateWorkerOptions(options);
  const [command, ...leading] = resolveWorkerCommand(options.command);
  const { env, cwd, host, readyTimeoutMs, stopGraceMs, shutdownExitCodes, logLines, name = "worker-orcd" } = options;
  const wrapper = createWrapper(options);
  const limits = { readyTimeoutMs, stopGraceMs, shutdownExitCodes, logLines };
  const common = { command, wrapper, env, cwd, host, ...limits, name };
  const resolve: StartPlan["resolve"] = (again) => {
    const { port, workerId } = again ?? options;
    const args = [...leading, ...engine.args, ...workerArguments({ ...options, port })];
    return resolveLaunchOptions({ ...common, port, workerId, args, ready: { kind: "line" } } satisfies LaunchOptions);
  };
  return startAndConnect({ resolve, checkIdentity: true, holdsPort: true, options }, engine.faults);
}

/** A program that chooses its own port cannot be told to take the same one again. */
function chooseSamePort(resolved: ResolvedLaunchOptions, port: number | undefined): ResolvedLaunchOptions {
  if (port === undefined) return resolved;
  if (resolved.port.kind !== "reported") return { ...resolved, port: { kind: "given", port } };
  throw new InvalidOptionError({
    message: "Expected a program that can be told its port for `restart()`, got one that chooses it itself",
    hint: "Write `{port}` in `args` or `env`.",
  });
}

function createWrapper({ hostFaults = [], wrapper = [] }: StartOptions & Pick<LaunchOptions, "wrapper">): string[] {
  checkOption(Array.isArray(hostFaults), "hostFaults", { wanted: "an array of hostFault(…)", value: hostFaults });
  checkOption(Array.isArray(wrapper), "wrapper", { wanted: "an array of strings", value: wrapper });
  return [...requireAvailable(hostFaults).flatMap((fault) => [...fault.wrapper]), ...(wrapper as readonly string[])];
}

async function startAndConnect(plan: StartPlan, startFaults: readonly ResolvedFault[] = []): Promise<HarnessParts> {
  const { limits, hostFaults = [] } = plan.options;
  resolveStreamLimits(limits); // a wrong one is refused before anything runs
  preloadHttp();
  const parts: { client?: WorkerClient; faults?: FaultSession; process?: WorkerLifecycle } = {};
  const available = requireAvailable(hostFaults);
  try {
    const planned = plan.resolve();
    const loading = planned.ready.kind === "port" ? new LoadingHint() : undefined;
    const worker = await launchVerified(plan, {
      planned,
      startCount: 1,
      loading,
      connect: (launched) => {
        const watcher: StreamWatcher = ({ path, jobId }) =>
          path === "/execute" ? parts.faults?.watch(jobId) : undefined;
        const current = () => parts.process?.current ?? launched;
        const logTail = () => current().logs.tail(LOG_TAIL_LINES);
        const watchExit = () => {
          const worker = current(); // not the one that a restart puts in its place
          return () => findExit(worker);
        };
        parts.client = new WorkerClient({
          baseUrl: createBaseUrl(launched),
          limits,
          logTail,
          watchExit,
          watcher,
          loading,
        });
        return parts.client;
      },
    });
    const client = parts.client as unknown as WorkerClient;
    const process = new WorkerLifecycle(worker, (startCount, options) => {
      const again = { workerId: worker.workerId, port: worker.port, host: worker.host };
      const next = { planned: plan.resolve(again), startCount, options, again, loading };
      return () => launchVerified(plan, { ...next, connect: () => client });
    });
    const faults = new FaultSession({ process, startFaults, hostFaults: available });
    faults.attachTo(worker);
    return Object.assign(parts, { client, process, faults, workerId: worker.workerId });
  } catch (error) {
    throw await cleanUpAfter(error, async () => {
      await Promise.all([parts.client?.close(), ...available.map(({ limit }) => limit.release?.())]);
    });
  }
}
