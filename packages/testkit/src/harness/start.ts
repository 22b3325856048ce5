import type { ResolvedFault } from "worker-orcd-control";
import { LoadingHint, preloadHttp, WorkerClient, type ServerHeaders, type StreamWatcher } from "../client/index.js";
import { orcd, type Dialect, type Recognition } from "../dialects/index.js";
import { InvalidOptionError, isTestkitError } from "../errors/index.js";
import { FaultSession, type AvailableHostFault } from "../faults/index.js";
import { FindingLog, type FindingCode } from "../findings/index.js";
import {
  cleanUpAfter,
  findExit,
  resolveLaunchOptions,
  type LaunchOptions,
  type ResolvedLaunchOptions,
  type WorkerLogs,
} from "../launch/index.js";
import { checkOption, resolveOptions, type OptionsOf } from "../options/index.js";
import { watchStart } from "./finding-watch.js";
import { createBaseUrl, launchVerified, type StartPlan } from "./launch-verified.js";
import {
  MOCK_OPTIONS,
  MODEL_OPTIONS,
  PROGRAM_OPTIONS,
  WORKER_OPTIONS,
  type MockWorkerOptions,
  type ProgramOptions,
  type ResolvedWorkerOptions,
  type WorkerOptions,
} from "./options.js";
import { llamaEngineEnvironment } from "./llama-engine.js";
import { recognizeServerAt } from "./recognize-server.js";
import { modelArguments, stubArguments, workerArguments } from "./worker-arguments.js";
import { resolveWorkerCommand } from "./worker-command.js";
import { WorkerLifecycle } from "./worker-lifecycle.js";

/** Parts of a harness. */
export interface HarnessParts {
  readonly client: WorkerClient;
  readonly faults: FaultSession;
  /** Undefined for an attached worker. */
  readonly process: WorkerLifecycle | undefined;
  readonly workerId: string;
  readonly test: CurrentTest;
  /** The log of an attached worker, if its owner passes it on. */
  readonly logs?: WorkerLogs | undefined;
  /** Findings that the test allows. */
  readonly allow: readonly FindingCode[];
  /** Defects that the stub was started with. */
  readonly mutants?: readonly string[] | undefined;
  /** What was noticed while it started. */
  readonly noticed: FindingLog;
  /** What the worker was recognized as; undefined if the caller said what it speaks. */
  readonly recognized?: Recognition | undefined;
}

/** The test that has the worker at the moment. */
export interface CurrentTest {
  /** Fires shortly before its limit passes. */
  deadline?: AbortSignal | undefined;
}

interface StartedParts {
  client?: WorkerClient;
  /** Ends the watch of the start. */
  unwatch?: () => void;
  faults?: FaultSession;
  process?: WorkerLifecycle;
  recognized?: Recognition | undefined;
}

const LOG_TAIL_LINES = 20;

/** Starts worker-orcd, or a program with its flags, with a model. */
export async function startModelWorker(
  model: OptionsOf<typeof MODEL_OPTIONS>,
  options: WorkerOptions,
): Promise<HarnessParts> {
  const args = modelArguments(resolveOptions(MODEL_OPTIONS, model));
  return startOrcd({ args, faults: [] }, resolveOptions(WORKER_OPTIONS, options));
}

/** Starts worker-orcd in stub mode. */
export async function startMockWorker(options: MockWorkerOptions): Promise<HarnessParts> {
  const { stub, ...worker } = resolveOptions(MOCK_OPTIONS, options);
  const args = stubArguments(stub?.given);
  const parts = await startOrcd({ args, faults: stub?.faults ?? [] }, worker);
  return { ...parts, mutants: stub?.mutants };
}

/** Starts any program. */
export async function startProgram(options: ProgramOptions): Promise<HarnessParts> {
  const {
    timeouts,
    signal,
    hostFaults,
    checkIdentity,
    dialect: given,
    model,
    headers,
    allow,
    ...launch
  } = resolveOptions(PROGRAM_OPTIONS, options);
  const resolved = resolveLaunchOptions({
    ...launch,
    ready: locate(options.ready ?? chooseReady(given ?? orcd), given ?? orcd),
    wrapper: joinWrappers(hostFaults, launch.wrapper),
  });
  const isOurs = resolved.ready.kind === "line" || (checkIdentity ?? resolved.checksIdentity);
  const dialect = given ?? (isOurs ? orcd : undefined);
  return startAndConnect({
    resolve: (again) => chooseSamePort(resolved, again?.port),
    checkIdentity: dialect?.identity !== undefined && (checkIdentity ?? resolved.checksIdentity),
    options: { timeouts, signal, hostFaults, headers, allow },
    dialect,
    model,
  });
}

async function startOrcd(
  engine: { readonly args: readonly string[]; readonly faults: readonly ResolvedFault[] },
  options: ResolvedWorkerOptions,
): Promise<HarnessParts> {
  const [command, ...leading] = resolveWorkerCommand(options.command);
  const { cwd, host, readyTimeoutMs, stopGraceMs, shutdownExitCodes, logLines, name = "worker-orcd" } = options;
  const wrapper = joinWrappers(options.hostFaults, options.wrapper);
  const env = { ...llamaEngineEnvironment(), ...options.env };
  const common = { command, wrapper, env, cwd, host, readyTimeoutMs, stopGraceMs, shutdownExitCodes, logLines, name };
  const resolve: StartPlan["resolve"] = (again) => {
    const { port, workerId } = again ?? options;
    const args = [...leading, ...engine.args, ...workerArguments({ ...options, port })];
    return resolveLaunchOptions({ ...common, port, workerId, args });
  };
  const dialect = servedByOrcd(options.dialect);
  const plan = { resolve, checkIdentity: true, holdsPort: true, options, dialect, model: options.model };
  return startAndConnect(plan, engine.faults);
}

/** Jobs in any dialect; whatever else the worker is asked, it answers in its own. */
function servedByOrcd(dialect: Dialect): Dialect {
  if (dialect === orcd) return orcd;
  const { ready, identity, health, slots, metrics, shutdown } = orcd;
  return { ...dialect, ready, identity, health, slots, metrics, shutdown };
}

/** Only a worker of this project's protocol prints a ready line. */
function chooseReady({ identity, ready }: Dialect): LaunchOptions["ready"] {
  return identity === undefined && ready !== undefined ? { kind: "http" } : undefined;
}

/** Fills in the path that the dialect polls. */
function locate(ready: LaunchOptions["ready"], dialect: Dialect): LaunchOptions["ready"] {
  if (ready?.kind !== "http" || ready.path !== undefined) return ready;
  const path = dialect.ready?.path;
  checkOption(path !== undefined, "ready.path", {
    wanted: `given: the dialect \`${dialect.name}\` has no path of its own`,
    value: path,
  });
  return { ...ready, path };
}

/** A program that chooses its own port cannot be given the same one again. */
function chooseSamePort(resolved: ResolvedLaunchOptions, port: number | undefined): ResolvedLaunchOptions {
  if (port === undefined) return resolved;
  if (resolved.port.kind !== "reported") return { ...resolved, port: { kind: "given", port } };
  throw new InvalidOptionError({
    message: "Expected a program that takes its port as an argument for `restart()`, got one that chooses its own port",
    hint: "Write `{port}` in `args` or `env`.",
  });
}

function joinWrappers(hostFaults: readonly AvailableHostFault[], wrapper: readonly string[]): string[] {
  return [...hostFaults.flatMap((fault) => [...fault.wrapper]), ...wrapper];
}

async function startAndConnect(plan: StartPlan, startFaults: readonly ResolvedFault[] = []): Promise<HarnessParts> {
  const { dialect, model, options } = plan;
  const { timeouts, hostFaults, headers } = options;
  preloadHttp();
  const parts: StartedParts = {};
  const test: CurrentTest = {};
  const deadline = () => test.deadline;
  const noticed = new FindingLog();
  try {
    const planned = plan.resolve();
    const loading = planned.ready.kind === "port" ? new LoadingHint((dialect ?? orcd).ready?.path) : undefined;
    const worker = await launchVerified(plan, {
      planned,
      startCount: 1,
      loading,
      connect: async (launched, startSignal) => {
        const watcher: StreamWatcher = (request) => (request.isJob ? parts.faults?.watch(request) : undefined);
        const current = () => parts.process?.current ?? launched;
        const logTail = () => current().logs.tail(LOG_TAIL_LINES);
        const watchExit = () => {
          const worker = current(); // not the process that replaces it in a restart
          return () => findExit(worker);
        };
        const baseUrl = createBaseUrl(launched);
        const found =
          dialect === undefined ? await recognizeOrAssume(baseUrl, { signal: startSignal, headers }) : { dialect };
        parts.recognized = found.recognized;
        const spoken = { dialect: found.dialect, model, headers };
        parts.client = new WorkerClient({
          baseUrl,
          ...spoken,
          timeouts,
          logTail,
          watchExit,
          watcher,
          loading,
          deadline,
        });
        parts.unwatch = parts.client.addWatcher(watchStart(noticed));
        return parts.client;
      },
    });
    parts.unwatch?.();
    const client = parts.client as unknown as WorkerClient;
    const process = new WorkerLifecycle(worker, (startCount, options) => {
      const again = { workerId: worker.workerId, port: worker.port, host: worker.host };
      const next = { planned: plan.resolve(again), startCount, options, again, loading };
      return () => launchVerified(plan, { ...next, connect: () => Promise.resolve(client) });
    });
    const faults = new FaultSession({ process, startFaults, hostFaults, deadline });
    faults.attachTo(worker);
    const { workerId } = worker;
    return Object.assign(parts, { client, process, faults, test, workerId, noticed, allow: options.allow });
  } catch (error) {
    throw await cleanUpAfter(error, async () => {
      await Promise.all([parts.client?.close(), ...hostFaults.map(({ limit }) => limit.release?.())]);
    });
  }
}

/** A program that is ready and does not answer a question in this time is not asked any further. */
const RECOGNITION_MS = 5_000;

/** A program whose answers show nothing may be started for its life cycle alone: this project's own protocol is assumed (docs/decisions/0019). */
async function recognizeOrAssume(
  baseUrl: string,
  asked: { readonly signal: AbortSignal; readonly headers: ServerHeaders },
): Promise<{ readonly dialect: Dialect; readonly recognized?: Recognition }> {
  try {
    return await recognizeServerAt(baseUrl, { ...asked, timeouts: { headersMs: RECOGNITION_MS } });
  } catch (error) {
    if (asked.signal.aborted || isTestkitError(error, "HTTP_FAILED")) throw error; // it wants a key
    return { dialect: orcd };
  }
}
