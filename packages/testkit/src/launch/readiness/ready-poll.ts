import { connect } from "node:net";
import { InvalidOptionError, isTestkitError } from "../../errors/index.js";
import { createForeignOwnerError, findPortOwner, warnUnverified, type PortOwner } from "../ownership/index.js";
import { pause } from "../wait.js";
import type { ProbeTarget, ReadyContext, ReadyInfo } from "./ready-context.js";

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 100;
/** One unanswered question must not use up the whole start. */
const LONGEST_PROBE_MS = 1_000;

/**
 * Asks the probe again and again until it resolves.
 *
 * @throws {WRONG_IDENTITY} another process answered.
 */
export async function waitForHttp(context: ReadyContext, signal: AbortSignal, path: string): Promise<ReadyInfo> {
  const { probe } = context;
  if (probe === undefined) {
    throw new InvalidOptionError({
      message: 'Expected `probe` to be a function when `ready` is "http", got `undefined`',
    });
  }
  return await pollReady(context, signal, (target) => probe({ ...target, path }));
}

/**
 * Connects again and again until the port accepts.
 *
 * @throws {WRONG_IDENTITY} another process accepted.
 */
export function waitForPort(context: ReadyContext, signal: AbortSignal): Promise<ReadyInfo> {
  return pollReady(context, signal, tryConnect);
}

async function pollReady(
  context: ReadyContext,
  signal: AbortSignal,
  ask: (target: ProbeTarget) => Promise<void>,
): Promise<ReadyInfo> {
  const { host, port, workerId, checksIdentity, worker } = context;
  if (port === undefined) throw new TypeError("A polled start without a port passed the options door");
  const target = { host, port, path: "/", workerId: checksIdentity ? workerId : undefined };
  let pauseMs = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    const problem = await askOnce(signal, (askSignal) => ask({ ...target, signal: askSignal }));
    await new Promise(setImmediate); // lets an exit be noticed: then it was another process that answered
    if (problem === undefined && worker.exitInfo === undefined) {
      const portOwner = await checkOwner(context, { host, port });
      return { host, port, workerId, ...(portOwner !== undefined && { portOwner }) };
    }
    context.lastProblem = problem;
    await pause(pauseMs, signal);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
  throw signal.reason; // nobody listens any more: the start has been decided otherwise
}

/** @throws {WRONG_IDENTITY} the port that answered belongs to a process that is not the worker's. */
async function checkOwner(
  { worker, checksPortOwner }: ReadyContext,
  where: { readonly host: string; readonly port: number },
): Promise<PortOwner | undefined> {
  if (!checksPortOwner) return undefined;
  const owner = await findPortOwner({ ...where, worker: { pid: worker.pid, token: worker.plan.token } });
  if (owner.status === "other") throw createForeignOwnerError(where, owner, worker);
  if (owner.status === "unverified") warnUnverified(where, owner.reason);
  return owner;
}

/** One question, limited in time; says what stood in the way. */
async function askOnce(signal: AbortSignal, ask: (signal: AbortSignal) => Promise<void>): Promise<string | undefined> {
  const over = new AbortController();
  const end = (): void => over.abort();
  const timer = setTimeout(end, LONGEST_PROBE_MS);
  signal.addEventListener("abort", end, { signal: over.signal });
  try {
    await ask(over.signal);
    return undefined;
  } catch (error) {
    if (isTestkitError(error, "WRONG_IDENTITY")) throw error;
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
    end();
  }
}

function tryConnect({ host, port, signal }: ProbeTarget): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal });
    socket.once("error", reject);
    socket.once("connect", () => {
      resolve();
      socket.destroy();
    });
  });
}
