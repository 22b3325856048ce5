import { findDeadline, findTestTimeout } from "../deadline/index.js";
import { TestkitError } from "../errors/index.js";
import { createOutput } from "../terminal/index.js";
import { cleanUpAfter } from "./clean-up-after.js";
import { LaunchedWorker } from "./launched-worker.js";
import type { WorkerLogs } from "./logs/worker-logs.js";
import type { ResolvedLaunchOptions } from "./options.js";
import { isForeignOwner } from "./ownership/report-owner.js";
import { isBindable } from "./ports/bindable.js";
import { findFreePort, type FreePort } from "./ports/free-port.js";
import { validatePlatform } from "./process/spawn-failure.js";
import { stopProcess } from "./process/stop-process.js";
import { WorkerProcess } from "./process/worker-process.js";
import type { ReadyContext, ReadyProbe } from "./readiness/ready-context.js";
import { waitUntilReady, type StartOutcome } from "./readiness/wait-until-ready.js";
import { createReadyContext, createSpawnPlan } from "./start-plan.js";
import { createProcessDiedError, createReadyTimeoutError, describeStart } from "./start-errors.js";

/** Parameters of a launch other than its options. */
export interface LaunchContext {
  /** Probes the worker over HTTP; required for `ready: { kind: "http" }`. */
  readonly probe?: ReadyProbe | undefined;
  /** Aborts the start; the launch cleans up and rejects with the signal's reason. No effect on a ready worker. */
  readonly signal?: AbortSignal | undefined;
}

/** Retries when a program that ignores reservations took the reserved port. */
const MOST_RESTARTS = 5;
/** The error about a start must arrive before the runner ends the test. */
const LAST_GRACE_MS = 100;
const BIND_CONFLICT = /EADDRINUSE|address (?:is )?already in use|address in use|\bPORT_IN_USE\b/i;

/**
 * Starts a program and waits until it can serve. A failed start leaves nothing behind: the process group is killed and the port
 * released. If that fails too, an `AggregateError` has both errors, the original one first.
 *
 * @throws {SPAWN_FAILED} the program cannot be started.
 * @throws {PROCESS_DIED} it ended before it was ready, even with exit code 0.
 * @throws {READY_TIMEOUT} it was not ready within `readyTimeoutMs`.
 * @throws {WRONG_IDENTITY} another worker reported itself, or the polled port belongs to another process.
 * @throws {INVALID_RESPONSE} the ready line names another host.
 * @throws {PORT_UNAVAILABLE} the requested port is taken, or none is free.
 * @example await using worker = await launchWorker(resolveLaunchOptions({ command: "my-worker" }));
 */
export async function launchWorker(
  options: ResolvedLaunchOptions,
  context: LaunchContext = {},
): Promise<LaunchedWorker> {
  validatePlatform();
  context.signal?.throwIfAborted();
  await validateGivenPort(options);
  const startedAt = performance.now();
  for (let startCount = 1; ; startCount += 1) {
    const result = await startOnce({ options, context, startedAt, startCount });
    if (result instanceof LaunchedWorker) return result;
    if (!result.hitPortConflict || startCount > MOST_RESTARTS) throw result.error;
  }
}

interface Start {
  readonly options: ResolvedLaunchOptions;
  readonly context: LaunchContext;
  readonly startedAt: number;
  readonly startCount: number;
}

interface FailedStart {
  readonly error: unknown;
  /** The framework chose the port and another process took it first: try another port. */
  readonly hitPortConflict: boolean;
}

async function startOnce(start: Start): Promise<LaunchedWorker | FailedStart> {
  const { options, context, startedAt, startCount } = start;
  const reservation = await reservePort(options, context.signal);
  const process = await spawnProcess(options, reservation);
  const ready = createReadyContext({ options, process, reservedPort: reservation?.port, probe: context.probe });
  const outcome = await waitUntilReady(ready, startedAt + options.readyTimeoutMs, context.signal);
  const readyAfterMs = performance.now() - startedAt;
  if (outcome.kind === "ready") {
    return new LaunchedWorker({ process, options, ready: outcome.info, reservation, readyAfterMs, startCount });
  }
  await process.drainIfEnded();
  const isTestOver = findDeadline(context.signal) !== undefined;
  const error =
    findTestTimeout(context.signal, describeStart(ready, startedAt)) ?? createStartError(outcome, ready, readyAfterMs);
  const hitPortConflict = reservation !== undefined && lostPort(outcome, process);
  const failure = await cleanUpAfter(error, async () => {
    const graceMs = isTestOver ? Math.min(options.stopGraceMs, LAST_GRACE_MS) : options.stopGraceMs;
    await stopProcess(process, { graceMs, shutdownSignal: options.shutdownSignal });
    reservation?.release();
  });
  return { error: failure, hitPortConflict };
}

async function spawnProcess(options: ResolvedLaunchOptions, reservation: FreePort | undefined): Promise<WorkerProcess> {
  try {
    const process = await WorkerProcess.spawn(createSpawnPlan(options, reservation?.port));
    echoLogs(process.logs, options.name);
    return process;
  } catch (error) {
    reservation?.release();
    throw error;
  }
}

/**
 * With `INFERENCE_TESTKIT_LOG=debug`, every line of a worker is also printed to stderr of this process. Escape sequences are
 * printed escaped: a worker that could color text could print a fake verdict.
 */
function echoLogs(logs: WorkerLogs, name: string): void {
  if (process.env["INFERENCE_TESTKIT_LOG"] !== "debug") return;
  const output = createOutput(process.stderr);
  logs.onLine((line) => output.line(`[${name} ${line.stream}] ${line.text}`));
}

function createStartError(
  outcome: Exclude<StartOutcome, { kind: "ready" }>,
  context: ReadyContext,
  waitedMs: number,
): unknown {
  const { worker } = context;
  switch (outcome.kind) {
    case "failed":
      return outcome.error;
    case "timeout":
      return createReadyTimeoutError(context, waitedMs);
    case "died": {
      const { pid, exitInfo, logs } = worker;
      const { command, args } = worker.plan;
      return createProcessDiedError({ command, args, pid, exitInfo, logs }, "before it was ready", { waitedMs });
    }
  }
}

async function reservePort(options: ResolvedLaunchOptions, signal?: AbortSignal): Promise<FreePort | undefined> {
  if (options.port.kind !== "reserved") return undefined;
  return await findFreePort({ host: options.host, signal });
}

/** When readiness is polled on a given port, a process that already listens there would answer in the worker's place. */
async function validateGivenPort({ port, ready, host }: ResolvedLaunchOptions): Promise<void> {
  const isPolled = ready.kind === "http" || ready.kind === "port";
  if (port.kind !== "given" || !isPolled || (await isBindable(host, port.port))) return;
  throw new TestkitError("PORT_UNAVAILABLE", {
    message: `Port ${port.port} on ${host} cannot be bound: another process may be listening there`,
    hint: "Use another `port`, or leave it out and write `{port}` in `args`.",
    details: { host, port: port.port },
  });
}

/** Another process has the port: the worker has ended because of that, or will. */
function lostPort(outcome: StartOutcome, process: WorkerProcess): boolean {
  if (outcome.kind === "died") return saysPortTaken(process);
  return outcome.kind === "failed" && isForeignOwner(outcome.error);
}

function saysPortTaken({ logs }: WorkerProcess): boolean {
  return logs.lines.some((line) => BIND_CONFLICT.test(line.text));
}
