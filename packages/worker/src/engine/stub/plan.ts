import type { FaultHit, FaultId } from "worker-orcd-control";
import type { EngineRequest } from "../engine.js";
import type { StubConfig } from "./stub-config.js";

/** The faults that happen while tokens are made. */
export const GENERATION_FAULTS = [
  "vram-oom",
  "cuda-error",
  "inference-failed",
  "lies",
  "hang",
  "slow",
  "exit",
  "never-stops",
  "memory-leak",
  "nondeterministic",
] as const satisfies readonly FaultId[];
export type GenerationFaultId = (typeof GENERATION_FAULTS)[number];

/** What the stub does for one job: decided once, when the job was accepted. */
export interface StubPlan {
  readonly config: StubConfig;
  /** The faults of the generation that were chosen for this job. */
  readonly generation: readonly FaultHit<GenerationFaultId>[];
  /** Ends the process. */
  exit(code: number): Promise<never>;
}

/** Where the engine learns what to do. */
export interface StubPlans {
  /** The configuration for jobs from now on. */
  readonly config: StubConfig;
  planOf(request: EngineRequest): StubPlan;
}
