import type { ReadyLine } from "inference-worker-protocol";
import type { ResolvedReadyCondition } from "../ready-condition.js";
import type { PortOwner } from "../ownership/port-owner.js";
import type { WorkerProcess } from "../process/worker-process.js";

/** What a probe connects to, and the expected identity. */
export interface ProbeTarget {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** The id that the worker must report, if it was given one. */
  readonly workerId: string | undefined;
  /** Aborted when the answer no longer matters: after one second, or at the end of the start. */
  readonly signal: AbortSignal;
}

/**
 * Probes a starting worker once over HTTP. Resolving means ready; rejecting means not yet, and the message goes into
 * the time-out error. Only a rejection with code `WRONG_IDENTITY` or `HTTP_FAILED` aborts the start.
 */
export type ReadyProbe = (target: ProbeTarget) => Promise<void>;

/** What is known about a ready worker. */
export interface ReadyInfo {
  readonly host: string;
  readonly port: number;
  readonly workerId: string;
  readonly readyLine?: ReadyLine;
  /** Who listens on the polled port. */
  readonly portOwner?: PortOwner;
}

/** What the readiness check needs to know about one start of one process. */
export interface ReadyContext {
  readonly worker: WorkerProcess;
  readonly condition: ResolvedReadyCondition;
  readonly host: string;
  /** `undefined` when the program reports it. */
  readonly port: number | undefined;
  readonly workerId: string;
  readonly checksIdentity: boolean;
  /** Whether a polled port must belong to the worker's own processes. */
  readonly checksPortOwner: boolean;
  readonly probe: ReadyProbe | undefined;
  /** The last problem; goes into the time-out error. */
  lastProblem: string | undefined;
}
