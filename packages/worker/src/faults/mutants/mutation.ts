import type { EngineRequest } from "../../engine/engine.js";
import type { Call, RunRoute } from "../../http/index.js";
import type { Pipeline } from "../../text/index.js";

/** What a mutant changes. Each part is one seam of the worker. */
export interface Mutation {
  /** Changes an accepted request. @param runningCount other jobs that run or wait. */
  readonly changeRequest?: (request: EngineRequest, runningCount: number) => EngineRequest;
  /** Makes the text of a job from its tokens. @param isStream whether it is sent as it is made. */
  readonly createPipeline?: (stops: readonly string[], isStream: boolean, request: EngineRequest) => Pipeline;
  /** Sees every request before its route, which `next` runs. @param isBusy whether all slots are taken. */
  readonly intercept?: (call: Call, next: RunRoute, isBusy: () => boolean) => Promise<void>;
}

/** Makes the mutation of one worker, with a state of its own. */
export type CreateMutation = () => Mutation;
