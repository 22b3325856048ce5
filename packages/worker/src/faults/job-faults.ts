import type { InferenceEvent, TokenEvent } from "inference-worker-protocol";
import type { FaultHit, FaultIdOf } from "worker-orcd-control";
import {
  findStrike,
  GENERATION_FAULTS,
  type GenerationFaultId,
  type StubConfig,
  type StubPlan,
} from "../engine/stub/index.js";
import { reasonFor, type JobEnd } from "./bypass-reasons.js";

type StubFaultId = FaultIdOf<"stub">;

/** The faults that were chosen for one job when it was accepted, and its progress. Later arming does not change them. */
export class JobFaults implements StubPlan {
  readonly jobId: string;
  readonly config: StubConfig;
  readonly reply: StubPlan["reply"];
  readonly hits: readonly FaultHit<StubFaultId>[];
  readonly generation: readonly FaultHit<GenerationFaultId>[];
  readonly exit: StubPlan["exit"];
  /** Token events that the job has sent. */
  tokenCount = 0;
  lastToken: TokenEvent | undefined;

  constructor(jobId: string, parts: Pick<JobFaults, "config" | "reply" | "hits" | "exit">) {
    this.jobId = jobId;
    this.config = parts.config;
    this.reply = parts.reply;
    this.hits = parts.hits;
    this.exit = parts.exit;
    this.generation = this.of(GENERATION_FAULTS);
  }

  /** The faults with these ids. */
  of<Id extends StubFaultId>(ids: readonly Id[]): FaultHit<Id>[] {
    return this.hits.filter((hit): hit is FaultHit<Id> => (ids as readonly StubFaultId[]).includes(hit.fault.id));
  }

  /** Counts the fault as fired; returns whether there was one. */
  fire(id: StubFaultId): boolean {
    const hits = this.of([id]);
    for (const hit of hits) hit.fire();
    return hits.length > 0;
  }

  /** Tracks the job by what it sends. */
  observe(event: InferenceEvent): void {
    if (event.type !== "token") return;
    this.tokenCount++;
    this.lastToken = event;
  }

  /** The job is over: a fault that has not happened yet is bypassed. */
  settle(end: JobEnd, except: readonly StubFaultId[] = []): void {
    const earlier = this.hits.find((hit) => hit.state === "fired" && findStrike(hit.fault.id)?.endsJob === true);
    for (const hit of this.hits) {
      if (except.includes(hit.fault.id) || hit.state !== "pending") continue;
      hit.bypass(reasonFor(hit.fault, { ...end, tokenCount: this.tokenCount, earlier: earlier?.key }));
    }
  }
}
