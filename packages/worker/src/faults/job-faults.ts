import type { InferenceEvent, TokenEvent } from "inference-worker-protocol";
import type { FaultHit } from "worker-orcd-control";
import { GENERATION_FAULTS, type GenerationFaultId, type StubConfig, type StubPlan } from "../engine/stub/index.js";
import type { BehaviorFaultId, PayloadFaultId } from "./fault-groups.js";
import { reasonFor, type JobEnd } from "./bypass-reasons.js";

/** A fault that happens to jobs. */
export type JobFaultId = GenerationFaultId | BehaviorFaultId | PayloadFaultId;

/** After these, nothing else happens to a job. */
const ENDS_JOB: ReadonlySet<JobFaultId> = new Set<JobFaultId>([
  "vram-oom",
  "cuda-error",
  "inference-failed",
  "lies",
  "hang",
  "exit",
]);

/** What one job was chosen for when it was accepted, and how far it has come. It keeps this, whatever is armed later. */
export class JobFaults implements StubPlan {
  readonly jobId: string;
  readonly config: StubConfig;
  readonly hits: readonly FaultHit<JobFaultId>[];
  readonly generation: readonly FaultHit<GenerationFaultId>[];
  readonly exit: StubPlan["exit"];
  /** Token events that the job has sent. */
  tokenCount = 0;
  lastToken: TokenEvent | undefined;

  constructor(jobId: string, parts: Pick<JobFaults, "config" | "hits" | "exit">) {
    this.jobId = jobId;
    this.config = parts.config;
    this.hits = parts.hits;
    this.exit = parts.exit;
    this.generation = this.of(GENERATION_FAULTS);
  }

  /** The faults with these ids. */
  of<Id extends JobFaultId>(ids: readonly Id[]): FaultHit<Id>[] {
    return this.hits.filter((hit): hit is FaultHit<Id> => (ids as readonly JobFaultId[]).includes(hit.fault.id));
  }

  /** Counts the fault as fired and says whether there was one. */
  fire(id: JobFaultId): boolean {
    const hits = this.of([id]);
    for (const hit of hits) hit.fire();
    return hits.length > 0;
  }

  /** Follows the job by what it sends. */
  observe(event: InferenceEvent): void {
    if (event.type !== "token") return;
    this.tokenCount++;
    this.lastToken = event;
  }

  /** The job is over: what has not happened by now never will. */
  settle(end: JobEnd, except: readonly JobFaultId[] = []): void {
    const earlier = this.hits.find((hit) => hit.state === "fired" && ENDS_JOB.has(hit.fault.id));
    for (const hit of this.hits) {
      if (except.includes(hit.fault.id) || hit.state !== "pending") continue;
      hit.bypass(reasonFor(hit.fault, { ...end, tokenCount: this.tokenCount, earlier: earlier?.key }));
    }
  }
}
