import type { LogLine } from "./worker-process.js";
import { engineRequest } from "./engines.js";
import { RecordingSink } from "./recording-sink.js";
import type { Engine, EngineRequest } from "../../src/engine/engine.js";
import { Job, Scheduler } from "../../src/jobs/index.js";
import { Logger, WorkerMetrics } from "../../src/telemetry/index.js";

/** A scheduler with an engine, and all that it wrote. */
export class Bench {
  readonly scheduler: Scheduler;
  readonly metrics = new WorkerMetrics();
  readonly log: LogLine[] = [];
  readonly logger = new Logger("debug", (line) => this.log.push(JSON.parse(line) as LogLine));

  constructor(engine: Engine, options: { maxQueue?: number; timeoutMs?: number } = {}) {
    const { maxQueue = 64, timeoutMs = 20_000 } = options;
    this.scheduler = new Scheduler({ engine, metrics: this.metrics, logger: this.logger, maxQueue, timeoutMs });
  }

  /** Admits and submits a job, as the HTTP layer does. */
  submit(jobId: string, fields: Partial<EngineRequest> = {}): { job: Job; sink: RecordingSink } {
    this.scheduler.admit(jobId);
    const created = this.create(jobId, fields);
    this.scheduler.submit(created.job);
    return created;
  }

  create(jobId: string, fields: Partial<EngineRequest> = {}): { job: Job; sink: RecordingSink } {
    const sink = new RecordingSink();
    return { job: new Job(engineRequest({ ...fields, job_id: jobId }), sink, `correlation-${jobId}`), sink };
  }

  /** `worker_requests_total` without the zeros. */
  get outcomes(): Record<string, number> {
    const text = this.metrics.render({ vramBytes: 0, uptimeSeconds: 0, slots: this.scheduler.slots });
    const samples = [...text.matchAll(/^worker_requests_total\{outcome="(\w+)"\} ([1-9]\d*)$/gm)];
    return Object.fromEntries(samples.map((match) => [match[1]!, Number(match[2])]));
  }

  /** `execute_end` lines of a job. */
  endLines(jobId: string): LogLine[] {
    return this.log.filter(({ event, job_id }) => event === "execute_end" && job_id === jobId);
  }
}
