import { findReadyLine, type ReadyLine } from "inference-worker-protocol";
import { WrongIdentityError } from "../../errors/index.js";
import { createLineMatcher, type LogLine } from "../logs/log-line.js";
import type { ReadyContext, ReadyInfo } from "./ready-context.js";
import { resolveReadyHost, validateControlUrl } from "./ready-origin.js";

const HIGHEST_PORT = 65_535;

/**
 * Waits for the ready line on stdout, which has the port that was actually bound.
 *
 * @throws {WRONG_IDENTITY} the line has a different worker id than the program was given.
 * @throws {INVALID_RESPONSE} the line names a host that is not the worker's.
 */
export function waitForReadyLine(context: ReadyContext, signal: AbortSignal): Promise<ReadyInfo> {
  return waitForLine(context, signal, (line) => {
    const ready = line.stream === "stdout" ? findReadyLine(line.text) : undefined;
    return ready === undefined ? undefined : createReadyInfo(context, ready, line.text);
  });
}

/** Waits for a line that matches; its named group `port`, if present, captures the port. */
export function waitForLogPattern(context: ReadyContext, signal: AbortSignal, pattern: RegExp): Promise<ReadyInfo> {
  const matches = createLineMatcher(pattern);
  return waitForLine(context, signal, (line) => {
    const match = matches(line.text);
    if (match === null || typeof match === "boolean") return undefined;
    const port = match.groups?.["port"] === undefined ? context.port : Number(match.groups["port"]);
    if (port !== undefined && Number.isInteger(port) && port >= 1 && port <= HIGHEST_PORT) {
      return { host: context.host, port, workerId: context.workerId };
    }
    context.lastProblem = `a line matched, but has no port: ${line.text}`;
    return undefined;
  });
}

function waitForLine(
  { worker }: ReadyContext,
  signal: AbortSignal,
  recognise: (line: LogLine) => ReadyInfo | undefined,
): Promise<ReadyInfo> {
  return new Promise((resolve, reject) => {
    const off = worker.logs.onLine((line) => {
      try {
        const info = recognise(line);
        if (info !== undefined) resolve(info);
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
    signal.addEventListener("abort", off, { once: true });
  });
}

function createReadyInfo(context: ReadyContext, ready: ReadyLine, line: string): ReadyInfo {
  const { workerId, checksIdentity, worker } = context;
  if (checksIdentity && ready.worker_id !== workerId) {
    throw new WrongIdentityError({
      message: `The ready line names worker "${ready.worker_id}", but "${workerId}" was started`,
      hint: "Does the program report the worker id it was given? Is `{workerId}` in its arguments or environment?",
      details: { expected: workerId, got: ready.worker_id, pid: worker.pid, readyLine: ready },
    });
  }
  const announced = { ready, line, host: context.host, pid: worker.pid };
  const host = resolveReadyHost(announced);
  validateControlUrl(announced);
  return { host, port: ready.port, workerId: ready.worker_id, readyLine: ready };
}
