import type { EngineRequest } from "../../engine/engine.js";
import type { AccessOptions, Call, ParserOptions, RunRoute } from "../../http/index.js";
import type { Pipeline } from "../../text/index.js";

/** A job that its client ends: by a cancellation, or by leaving. */
export interface Leaving {
  /** Token events that the job has sent. */
  readonly tokenCount: number;
  /** Ends it, as it should be. */
  readonly proceed: () => void;
  /** Cancels all other jobs. */
  readonly endOthers: () => void;
}

/** Who may use the listener, and how it reads requests. */
export interface ListenerChange extends AccessOptions {
  readonly parser?: ParserOptions | undefined;
}

/** What a mutant changes. Each part is one seam of the worker. */
export interface Mutation {
  /** Changes an accepted request. @param runningCount other jobs that run or wait. */
  readonly changeRequest?: (request: EngineRequest, runningCount: number) => EngineRequest;
  /** Makes the text of a job from its tokens. @param isStream whether it is sent as it is made. */
  readonly createPipeline?: (stops: readonly string[], isStream: boolean, request: EngineRequest) => Pipeline;
  /** Sees every request before its route, which `next` runs. @param isBusy whether all slots are taken. */
  readonly intercept?: (call: Call, next: RunRoute, isBusy: () => boolean) => Promise<void>;
  /** Ends a job in the place of the worker. */
  readonly leave?: (leaving: Leaving) => void;
  /** Replaces options of the listener. */
  readonly listener?: ListenerChange;
  /** Runs when the process begins; the start waits for it. */
  readonly begin?: () => Promise<void> | void;
  /** Runs when the port is bound, before the worker is ready. */
  readonly bound?: (port: number) => void;
}

/** Makes the mutation of one worker, with a state of its own. */
export type CreateMutation = () => Mutation;
