import { joinSignals } from "../system/index.js";
import type { Dialect } from "../dialects/index.js";
import { isKeyWanted, WorkerClient, type LoadingHint, type ServerHeaders } from "../client/index.js";
import { findTestTimeout } from "../deadline/index.js";
import {
  cleanUpAfter,
  explainDeath,
  holdPort,
  launchWorker,
  type HeldPort,
  type LaunchedWorker,
  type ProbeTarget,
  type ResolvedLaunchOptions,
} from "../launch/index.js";
import { createKeyWantedError } from "./key-wanted.js";
import { validateIdentity } from "./identity.js";
import type { ResolvedStartOptions, RestartOptions } from "./options.js";

/** Passes a worker the number of its start, from 1. */
const START_VARIABLE = "INFERENCE_TESTKIT_START";

/** The longest time of a timer. */
const MOST_TIMEOUT_MS = 2 ** 31 - 1;

/** What is restarted, and where. */
export interface Again {
  readonly workerId: string;
  readonly host: string;
  readonly port: number;
}

/** How one worker is started and restarted. */
export interface StartPlan {
  /** @param again for a restart. @throws {INVALID_OPTION} */
  readonly resolve: (again?: Again) => ResolvedLaunchOptions;
  readonly checkIdentity: boolean;
  /** Whether the port must be reserved between two starts. */
  readonly holdsPort?: boolean;
  readonly options: ResolvedStartOptions;
  /** The dialect of the program; undefined if its answers are to show it. */
  readonly dialect: Dialect | undefined;
  readonly model?: string | undefined;
}

/** One start. */
export interface VerifiedStart {
  /** The values of the plan for this start. */
  readonly planned: ResolvedLaunchOptions;
  readonly startCount: number;
  readonly again?: Again;
  readonly options?: RestartOptions;
  /** For a worker whose readiness is an open port. */
  readonly loading?: LoadingHint | undefined;
  /** The client of the worker; it queries the identity. */
  readonly connect: (worker: LaunchedWorker, signal: AbortSignal) => Promise<WorkerClient>;
}

/**
 * Starts a program, waits until it can serve, and verifies that it is the right one. A failed start leaves nothing behind.
 *
 * @throws {SPAWN_FAILED} @throws {PROCESS_DIED} @throws {READY_TIMEOUT} @throws {WRONG_IDENTITY} @throws {PORT_UNAVAILABLE}
 */
export async function launchVerified(plan: StartPlan, start: VerifiedStart): Promise<LaunchedWorker> {
  const startedAtMs = performance.now();
  const { planned, again, loading, options = {} } = start;
  const signal = options.signal ?? (again === undefined ? plan.options.signal : undefined);
  const readyTimeoutMs = options.readyTimeoutMs ?? planned.readyTimeoutMs;
  const resolved = { ...planned, readyTimeoutMs, env: nameStart(planned.env, start.startCount) };
  const held = await holdFor(plan, again);
  try {
    const worker = await launchWorker(resolved, { signal, probe: (target) => probeOnce(target, plan.options.headers) });
    const timeoutMs = Math.max(1, Math.round(readyTimeoutMs - (performance.now() - startedAtMs)));
    loading?.begin();
    await verify(worker, signal, async () => {
      const call = { timeoutMs, signal };
      const timeout = AbortSignal.timeout(Math.min(timeoutMs, MOST_TIMEOUT_MS));
      const client = await start.connect(worker, joinSignals(timeout, signal));
      if (plan.checkIdentity) await validateIdentity({ client, worker, loading, options: call });
      else await askHealth(client, timeoutMs);
      await client.prepare();
    });
    return worker;
  } finally {
    held?.release();
  }
}

async function verify(
  worker: LaunchedWorker,
  signal: AbortSignal | undefined,
  ask: () => Promise<void>,
): Promise<void> {
  const sinceMs = performance.now();
  try {
    await ask();
  } catch (error) {
    const wait = { waitingFor: "the worker to say who it is", sinceMs, logTail: worker.logs.tail() };
    const reason = findTestTimeout(signal, wait) ?? (await explainDeath(error, worker, "before it was ready"));
    throw await cleanUpAfter(reason, async () => {
      await worker.stop();
    });
  }
}

/** Long for an answer from cached state, and short for a start. */
const HEALTH_MS = 1_000;

/** Its answer is watched; a worker without one, or with an invalid one, may still serve. */
async function askHealth(client: WorkerClient, timeoutMs: number): Promise<void> {
  const { health } = client.dialect;
  if (health === undefined) return;
  await client.health({ timeoutMs: Math.min(timeoutMs, HEALTH_MS) }).catch(() => undefined);
}

async function holdFor({ holdsPort = false }: StartPlan, again: Again | undefined): Promise<HeldPort | undefined> {
  return again !== undefined && holdsPort ? await holdPort(again.host, again.port) : undefined;
}

/** A test that continues an earlier one may set the number of its first start. */
function nameStart(env: ResolvedLaunchOptions["env"], startCount: number): ResolvedLaunchOptions["env"] {
  const first = Number(env[START_VARIABLE] ?? 1);
  return { ...env, [START_VARIABLE]: String(first + startCount - 1) };
}

/** Probes a starting program once; the launch repeats it until it resolves, or the program wants a key. */
async function probeOnce(target: ProbeTarget, headers: ServerHeaders): Promise<void> {
  const client = new WorkerClient({ baseUrl: createBaseUrl(target), headers });
  try {
    const response = await client.request(target.path, { signal: target.signal });
    if (isKeyWanted(response.status)) throw createKeyWantedError(response);
    if (response.status !== 200) throw new Error(`${target.path} answered ${response.status}`);
  } finally {
    await client.close();
  }
}

/** Where a worker is reached. */
export function createBaseUrl({ host, port }: { readonly host: string; readonly port: number }): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
