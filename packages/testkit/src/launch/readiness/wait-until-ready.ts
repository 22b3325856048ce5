import type { ReadyContext, ReadyInfo } from "./ready-context.js";
import { waitForLogPattern, waitForReadyLine } from "./ready-log.js";
import { waitForHttp, waitForPort } from "./ready-poll.js";

/** How a start ended. */
export type StartOutcome =
  | { readonly kind: "ready"; readonly info: ReadyInfo }
  | { readonly kind: "died" }
  | { readonly kind: "timeout" }
  | { readonly kind: "failed"; readonly error: unknown };

/**
 * Races readiness against the end of the process, the deadline (on the clock of `performance.now()`) and the caller's
 * signal. Never rejects, and leaves no timer or listener behind.
 */
export async function waitUntilReady(
  context: ReadyContext,
  deadline: number,
  callerSignal: AbortSignal | undefined,
): Promise<StartOutcome> {
  const over = new AbortController();
  try {
    return await new Promise<StartOutcome>((resolve) => {
      const abort = (): void => resolve({ kind: "failed", error: callerSignal?.reason });
      callerSignal?.addEventListener("abort", abort, { signal: over.signal });
      if (callerSignal?.aborted === true) abort();
      const timer = setTimeout(() => resolve({ kind: "timeout" }), Math.max(0, deadline - performance.now()));
      over.signal.addEventListener("abort", () => clearTimeout(timer));
      void context.worker.exited.then(() => resolve({ kind: "died" }));
      waitForCondition(context, over.signal).then(
        (info) => resolve({ kind: "ready", info }),
        (error: unknown) => resolve({ kind: "failed", error }),
      );
    });
  } finally {
    over.abort();
  }
}

/** Describes what the start waits for. */
export function describeReadiness({ condition, host, port }: ReadyContext): string {
  switch (condition.kind) {
    case "line":
      return "the ready line on stdout";
    case "log":
      return `a log line that matches ${String(condition.pattern)}`;
    case "http":
      return `status 200 from http://${host}:${port ?? "?"}${condition.path}`;
    case "port":
      return `a TCP connection to ${host}:${port ?? "?"}`;
  }
}

function waitForCondition(context: ReadyContext, signal: AbortSignal): Promise<ReadyInfo> {
  const { condition } = context;
  switch (condition.kind) {
    case "line":
      return waitForReadyLine(context, signal);
    case "log":
      return waitForLogPattern(context, signal, condition.pattern);
    case "http":
      return waitForHttp(context, signal, condition.path);
    case "port":
      return waitForPort(context, signal);
  }
}
