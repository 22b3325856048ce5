import type { Health } from "inference-worker-protocol";
import type { Engine } from "../engine/engine.js";
import { Job, type JobFactory, type Scheduler } from "../jobs/index.js";
import type { JobRecord, Logger, WorkerMetrics } from "../telemetry/index.js";

/** Where a worker may depart from the contract on purpose; {@link PLAIN_BEHAVIOR} is that of a worker which does not. */
export interface Behavior {
  readonly createJob: JobFactory;
  /** The answer of `GET /health` as it is given, or none at all. */
  overrideHealth(health: Health): Health | undefined;
  /** Where it is written down what is really sent to a job's client, if anywhere. */
  openRecord(jobId: string, correlationId: string): JobRecord | undefined;
}

/** Keeps to the contract, and no journal. */
export const PLAIN_BEHAVIOR: Behavior = {
  createJob: (request, sink, correlationId) => new Job(request, sink, correlationId),
  overrideHealth: (health) => health,
  openRecord: () => undefined,
};

/** What the routes may see of the worker. */
export interface WorkerState {
  readonly workerId: string;
  readonly engine: Engine;
  readonly scheduler: Scheduler;
  readonly metrics: WorkerMetrics;
  readonly logger: Logger;
  readonly maxTokensOut: number;
  readonly behavior: Behavior;
  /** Set once by {@link requestShutdown} or a signal; the worker then refuses new jobs. */
  readonly stopping: boolean;
  uptimeSeconds(): number;
  requestShutdown(): void;
}
