import type { Engine } from "../engine/engine.js";
import type { Scheduler } from "../jobs/index.js";
import type { Logger, WorkerMetrics } from "../telemetry/index.js";

/** What the routes may see of the worker. */
export interface WorkerState {
  readonly workerId: string;
  readonly engine: Engine;
  readonly scheduler: Scheduler;
  readonly metrics: WorkerMetrics;
  readonly logger: Logger;
  readonly maxTokensOut: number;
  /** Set once by {@link requestShutdown} or a signal; the worker then refuses new jobs. */
  readonly stopping: boolean;
  uptimeSeconds(): number;
  requestShutdown(): void;
}
