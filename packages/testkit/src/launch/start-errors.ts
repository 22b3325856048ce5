import { ProcessDiedError, ReadyTimeoutError, shortenCode } from "../errors/index.js";
import { describeExit, type ExitInfo } from "./exit-info.js";
import { formatCommand } from "./format-command.js";
import type { WorkerLogs } from "./logs/worker-logs.js";
import type { ReadyContext } from "./readiness/ready-context.js";
import { describeReadiness } from "./readiness/wait-until-ready.js";

/** What the error about an ended process needs to know. */
export interface DeadWorker {
  readonly command: string;
  readonly args: readonly string[];
  readonly pid: number;
  readonly exitInfo: ExitInfo | undefined;
  readonly logs: WorkerLogs;
}

/**
 * The error for a worker that ended by itself. If its last stdout line is `{"event":"error","code":…,"message":…}`, the
 * message starts with that reason.
 *
 * @param during what was happening, such as "while it started".
 */
export function createProcessDiedError(
  worker: DeadWorker,
  during: string,
  { waitedMs, hint }: { readonly waitedMs?: number; readonly hint?: string } = {},
): ProcessDiedError {
  const { exitInfo, logs } = worker;
  const how = exitInfo === undefined ? "is gone" : `ended with ${describeExit(exitInfo)}`;
  const own = findOwnReason(logs);
  return new ProcessDiedError({
    message: [
      ...(own === undefined ? [] : [`${shortenCode(own.code)}: ${own.message}`]),
      `The worker ${how}${during.startsWith(":") ? "" : " "}${during}`,
    ],
    hint: hint ?? (own === undefined ? undefined : "The first line is the worker's own reason."),
    details: {
      command: formatCommand(worker),
      pid: worker.pid,
      exit: exitInfo,
      workerError: own,
      waitedMs: waitedMs === undefined ? undefined : Math.round(waitedMs),
    },
    logTail: logs.tail(),
  });
}

/** The error for a worker that is running but did not become ready. */
export function createReadyTimeoutError(context: ReadyContext, waitedMs: number): ReadyTimeoutError {
  const { worker } = context;
  return new ReadyTimeoutError({
    message: `The worker was not ready after ${Math.round(waitedMs)} ms: waited for ${describeReadiness(context)}`,
    hint: findPathHint(context),
    details: {
      command: formatCommand(worker.plan),
      pid: worker.pid,
      waitedMs: Math.round(waitedMs),
      lastProblem: context.lastProblem,
    },
    logTail: worker.logs.tail(),
  });
}

/** What a start was waiting for, for an error about the limit of the test. */
export function describeStart(context: ReadyContext, startedAtMs: number) {
  const { worker } = context;
  return {
    waitingFor: `the worker to be ready: ${describeReadiness(context)}`,
    sinceMs: startedAtMs,
    details: { command: formatCommand(worker.plan), pid: worker.pid, lastProblem: context.lastProblem },
    logTail: worker.logs.tail(),
  };
}

/** A server that answers 404 is running, and will never be ready at this path. */
function findPathHint({ condition, lastProblem }: ReadyContext): string | undefined {
  if (condition.kind !== "http" || lastProblem !== `${condition.path} answered 404`) return undefined;
  return `The server has no ${condition.path}: set \`ready: { kind: "http", path: … }\` to a path that it has, such as /v1/models.`;
}

function findOwnReason(logs: WorkerLogs): { code: string; message: string } | undefined {
  const lastLine = logs.lines.findLast((line) => line.stream === "stdout")?.text ?? "";
  if (!lastLine.includes('"error"')) return undefined;
  try {
    const { event, code, message } = JSON.parse(lastLine) as Record<string, unknown>;
    const fits = event === "error" && typeof code === "string" && typeof message === "string";
    return fits ? { code, message } : undefined;
  } catch {
    return undefined; // a line of another program that merely mentions "error"
  }
}
