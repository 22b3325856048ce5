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
}

/** What is known about the process of a worker. */
export interface ProcessFacts {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly pid: number;
  readonly startCount: number;
  readonly exit: ExitInfo | undefined;
  readonly readyLine: ReadyLine | undefined;
  readonly portOwner: PortOwner | undefined;
}
