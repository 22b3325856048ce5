import { connect } from "node:net";
import { InvalidOptionError, isTestkitError } from "../../errors/index.js";
import { findPortOwner } from "../ownership/find-port-owner.js";
import type { PortOwner } from "../ownership/port-owner.js";
import { createForeignOwnerError, warnUnverified } from "../ownership/report-owner.js";
import { pause } from "../wait.js";
import { Attempts } from "./attempts.js";
import type { ProbeTarget, ReadyContext, ReadyInfo } from "./ready-context.js";

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 100;
/** One unanswered probe must not use up the whole start. */
const LONGEST_PROBE_MS = 1_000;

/**
 * Repeats the probe until it resolves.
 *
 * @throws {WRONG_IDENTITY} another process answered. @throws {HTTP_FAILED} the program refuses every probe.
 */
export async function waitForHttp(context: ReadyContext, signal: AbortSignal, path: string): Promise<ReadyInfo> {
  const { probe } = context;
  if (probe === undefined) {
    throw new InvalidOptionError({
      message: 'Expected `probe` to be a function when `ready` is "http", got `undefined`',
    });
  }
  return await pollReady(context, signal, { what: `\`${path}\``, ask: (target) => probe({ ...target, path }) });
}

/**
 * Retries until the port accepts a connection.
 *
 * @throws {WRONG_IDENTITY} another process accepted.
 */
export function waitForPort(context: ReadyContext, signal: AbortSignal): Promise<ReadyInfo> {
  return pollReady(context, signal, { what: "the port", ask: tryConnect });
}

/** The probe, and its name for messages. */
interface Question {
  readonly what: string;
  readonly ask: (target: ProbeTarget) => Promise<void>;
}

async function pollReady(context: ReadyContext, signal: AbortSignal, { what, ask }: Question): Promise<ReadyInfo> {
  const { host, port, workerId, checksIdentity, worker } = context;
  if (port === undefined) throw new TypeError("A polled start without a port passed the option checks");
  const target = { host, port, path: "/", workerId: checksIdentity ? workerId : undefined };
  const attempts = new Attempts(what);
  signal.addEventListener("abort", () => (context.lastProblem = attempts.giveUpOpen() ?? context.lastProblem));
  let pauseMs = FIRST_PAUSE_MS;
  while (!isOver(signal)) {
    const problem = await askOnce(signal, attempts, (askSignal) => ask({ ...target, signal: askSignal }));
    if (isOver(signal)) break; // the start has recorded its last problem
    await new Promise(setImmediate); // gives an exit time to be noticed: if there was one, another process answered
    if (problem === undefined && worker.exitInfo === undefined) {
      const portOwner = await checkOwner(context, { host, port });
      return { host, port, workerId, ...(portOwner !== undefined && { portOwner }) };
    }
    context.lastProblem = problem;
    await pause(pauseMs, signal);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
  throw signal.reason; // nothing awaits this any more because the start is over
}

/** A function, because the compiler assumes a property is unchanged across an `await`. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
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

/** One probe with a time limit; returns the problem, if any. */
async function askOnce(
  signal: AbortSignal,
  attempts: Attempts,
  ask: (signal: AbortSignal) => Promise<void>,
): Promise<string | undefined> {
  const over = new AbortController();
  const end = (): void => over.abort();
  const timer = setTimeout(end, LONGEST_PROBE_MS);
  signal.addEventListener("abort", end, { signal: over.signal });
  attempts.begin();
  try {
    await ask(over.signal);
    attempts.noteAnswer();
    return undefined;
  } catch (error) {
    if (isTestkitError(error, "WRONG_IDENTITY") || isTestkitError(error, "HTTP_FAILED")) throw error;
    if (over.signal.aborted) return attempts.giveUp(); // the error caused by the abort says nothing about the worker
    attempts.noteAnswer();
    return describe(error);
  } finally {
    clearTimeout(timer);
    end();
  }
}

/**
 * The first line: the hint and the facts of a testkit error are about a failed test, not about a start that continues.
 */
function describe(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n", 1)[0] ?? "";
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
