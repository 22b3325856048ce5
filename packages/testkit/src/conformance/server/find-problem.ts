import { isTestkitError, reasonOf } from "../../errors/index.js";
import type { WorkerTestHarness } from "../../harness/index.js";
import { describeExit } from "../../launch/index.js";
import type { ServerFacts } from "../capabilities.js";
import { CheckTarget } from "../target/check-target.js";
import { CheckFailed } from "../verdict.js";

/** Why a server cannot go on: its process has ended, or nothing listens; or it does not answer. */
export interface ServerProblem {
  readonly kind: "gone" | "silent";
  readonly reason: string;
}

/** The server to ask. */
export interface AskedServer {
  readonly harness: WorkerTestHarness;
  readonly facts: ServerFacts;
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}

/** Whether the process has ended; `undefined` if not, and for one that was not started here. */
export function findExit({ exitInfo }: WorkerTestHarness): ServerProblem | undefined {
  return exitInfo && { kind: "gone", reason: `the server ended (${describeExit(exitInfo)})` };
}

/** Asks for one token; any answer in time shows that the server goes on. */
export async function findProblem(server: AskedServer): Promise<ServerProblem | undefined> {
  const { facts, silenceMs, harness, signal } = server;
  const target = new CheckTarget({ facts, signal, name: "conformance-alive", silenceMs });
  try {
    const { outcome } = await target.attempt("Hello", { max_tokens: 1 });
    if (outcome.status !== "limit-exceeded") return findExit(harness);
    return { kind: "silent", reason: `it did not answer a request within ${silenceMs} ms` };
  } catch (error) {
    if (error instanceof CheckFailed || isTestkitError(error, "HTTP_FAILED")) return undefined; // wrong, and alive
    const exit = await waitForExit(server);
    if (exit === undefined && isTestkitError(error, "INVALID_RESPONSE")) return undefined; // wrong, and alive as well
    return exit ?? describeFailure(error);
  } finally {
    await target.close();
  }
}

/** The exit of a process is reported a little after its connections have broken; the harness waits for it. */
async function waitForExit({ harness, signal, silenceMs: timeoutMs }: AskedServer): Promise<ServerProblem | undefined> {
  const response = await harness.request("/", { signal, timeoutMs }).catch(() => undefined);
  response?.abort("it answers");
  return findExit(harness);
}

function describeFailure(error: unknown): ServerProblem {
  const isGone = isTestkitError(error, "CONNECT_FAILED") || isTestkitError(error, "LIMIT_CONNECT");
  return { kind: isGone ? "gone" : "silent", reason: reasonOf(error) };
}
