export { assertAllOk, assertOutcomes } from "./assert-all-ok.js";
export { assertCancelled, findCancelProblem, type CancelExpectation, type CancelProblem } from "./assert-cancelled.js";
export { cancelAfter, type CancelAfterOptions } from "./cancel-after.js";
export type { CancelFacts, CancelledResult, CancelResult, IgnoredResult, TooLateResult } from "./cancel-result.js";
export {
  disconnectAfter,
  type DisconnectAfterOptions,
  type DisconnectPlan,
  type DisconnectResult,
} from "./disconnect-after.js";
export { executeAll, ProgressFailedError, type ExecuteAllOptions } from "./execute-all.js";
export type {
  CancelledOutcome,
  CompleteTimings,
  EmptyOutcome,
  HttpErrorOutcome,
  JobFacts,
  JobOutcome,
  JobStatus,
  JobTimings,
  LimitOutcome,
  CrossTalkOutcome,
  OkOutcome,
  OtherOutcome,
  WorkerErrorOutcome,
} from "./job-outcome.js";
export type { JobItem, JobPlan } from "./job-plan.js";
export type { JobProgress, ProgressCallback } from "./job-progress.js";
export { checkTarget, type JobTarget } from "./job-target.js";
export { progressLine } from "./progress-line.js";
export type { JobTrigger } from "./trigger.js";
export { createJobRunner } from "./run-job.js";
export { waitForIdle, type WaitForIdleOptions } from "./wait-for-idle.js";
