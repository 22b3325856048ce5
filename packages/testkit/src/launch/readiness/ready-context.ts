import type { ReadyLine } from "inference-worker-protocol";
import type { ResolvedReadyCondition } from "../ready-condition.js";
import type { PortOwner } from "../ownership/port-owner.js";
import type { WorkerProcess } from "../process/worker-process.js";

/** Where and whom a probe asks. */
export interface ProbeTarget {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** The id that the worker has to report, if it was told one. */
  readonly workerId: string | undefined;
  /** Fires when the answer no longer matters: after one second, or at the end of the start. */
  readonly signal: AbortSignal;
}

/**
 * Asks a starting worker once over HTTP. Resolving means ready; rejecting means not yet, and the message goes into the
 * time-out error. Only a rejection with code `WRONG_IDENTITY` ends the start.
 */
export type ReadyProbe = (target: ProbeTarget) => Promise<void>;

/** What is known about a ready worker. */
export interface ReadyInfo {
  readonly host: string;
  readonly port: number;
  readonly workerId: string;
  readonly readyLine?: ReadyLine;
  /** Who listens on a port that was polled. */
  readonly portOwner?: PortOwner;
}

/** One start of one process, as far as readiness is concerned. */
export interface ReadyContext {
  readonly worker: WorkerProcess;
  readonly condition: ResolvedReadyCondition;
  readonly host: string;
  /** `undefined` when the program reports it. */
  readonly port: number | undefined;
  readonly workerId: string;
  readonly checksIdentity: boolean;
  /** Whether a polled port has to belong to the worker's own processes. */
  readonly checksPortOwner: boolean;
  readonly probe: ReadyProbe | undefined;
  /** What stood in the way last; goes into the time-out error. */
  lastProblem: string | undefined;
}
