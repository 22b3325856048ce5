import type { ReadyLine } from "inference-worker-protocol";
import type { Dialect } from "../../dialects/index.js";
import type { FaultAccount } from "worker-orcd-control";
import type { ExitInfo, PortOwner, WorkerLogs } from "../../launch/index.js";

/** What the recording needs to know about the worker. */
export interface Subject {
  readonly id: string;
  readonly url: string;
  readonly dialect: Dialect;
  /** Absent for an attached worker. */
  readonly process?: (() => ProcessFacts) | undefined;
  /** One for every start, oldest first; none for an attached worker. */
  readonly logs: () => readonly WorkerLogs[];
  readonly faultAccounts: () => readonly FaultAccount[];
  /** When a fault first fired, on the clock of `performance.now()`. */
  readonly faultFiredAtMs: (key: string) => number | undefined;
}

/** What is known about the process of a worker. */
export interface ProcessFacts {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly pid: number;
  readonly startCount: number;
  readonly readyAfterMs: number;
  readonly exit: ExitInfo | undefined;
  readonly readyLine: ReadyLine | undefined;
  readonly portOwner: PortOwner | undefined;
}

/**
 * The version that the worker logged when it started. Ask early: the log is a ring buffer, and that line may be gone when the worker is
 * stopped.
 */
export function findVersion(subject: Subject): string | undefined {
  const lines = subject.logs().at(-1)?.lines ?? [];
  for (const { text } of lines) {
    if (!text.includes('"startup"')) continue;
    const version = /"version":"([^"\\]{1,100})"/.exec(text)?.[1];
    if (version !== undefined) return version;
  }
  return undefined;
}
