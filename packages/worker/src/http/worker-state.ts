import { randomBytes } from "node:crypto";
import type { Health } from "inference-worker-protocol";
import type { Engine } from "../engine/engine.js";
import { Job, type JobFactory, type Scheduler } from "../jobs/index.js";
import type { JobRecord, Logger, WorkerMetrics } from "../telemetry/index.js";
import type { Call } from "./listener.js";

/** Answers a request. */
export type RunRoute = (call: Call) => Promise<void>;

/** Deliberate deviations of a worker from the contract. {@link PLAIN_BEHAVIOR} has none. */
export interface Behavior {
  readonly createJob: JobFactory;
  /** The `GET /health` response to send; `undefined` for none. */
  overrideHealth(health: Health): Health | undefined;
  /** Sees every request; `route` answers it. */
  intercept(call: Call, route: RunRoute): Promise<void>;
  /** The seed of a request that has none, in dialects that do not report it. */
  chooseSeed(): bigint;
  /** Model names that the worker accepts besides its own; `*` for all. */
  modelNames(): readonly string[];
  /** Records what is sent to the client of a job, if enabled. */
  openRecord(jobId: string, correlationId: string): JobRecord | undefined;
}

/** Follows the contract, and keeps no journal. */
export const PLAIN_BEHAVIOR: Behavior = {
  createJob: (request, sink, correlationId) => new Job(request, sink, correlationId),
  overrideHealth: (health) => health,
  intercept: (call, route) => route(call),
  chooseSeed: () => randomBytes(8).readBigUInt64LE(),
  modelNames: () => [],
  openRecord: () => undefined,
};

/** The part of the worker that the routes can see. */
export interface WorkerState {
  readonly workerId: string;
  /** Of the program. */
  readonly version: string;
  readonly engine: Engine;
  readonly scheduler: Scheduler;
  readonly metrics: WorkerMetrics;
  readonly logger: Logger;
  readonly maxTokensOut: number;
  readonly behavior: Behavior;
  /** Set once by {@link requestShutdown} or a signal; the worker then rejects new jobs. */
  readonly stopping: boolean;
  uptimeSeconds(): number;
  requestShutdown(): void;
}
