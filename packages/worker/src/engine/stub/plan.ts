import type { FaultHit } from "worker-orcd-control";
import type { GenerationFaultId } from "./strikes.js";
import type { StubConfig, StubReply } from "./stub-config.js";

/** The stub's plan for one job, decided when the job is accepted. */
export interface StubPlan {
  readonly config: StubConfig;
  /** The scripted reply to this request, if there is one. */
  readonly reply?: StubReply | undefined;
  /** The faults of the generation that were chosen for this job. */
  readonly generation: readonly FaultHit<GenerationFaultId>[];
  /** Ends the process. */
  exit(code: number): Promise<never>;
}

/** A plan without faults. */
export function createPlainPlan(config: StubConfig): StubPlan {
  return { config, generation: [], exit: (code) => Promise.resolve(process.exit(code)) };
}
