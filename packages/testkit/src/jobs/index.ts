export { assertAllOk, assertOutcomes } from "./assert-all-ok.js";
export { assertCancelled, findCancelProblem, type CancelExpectation } from "./assert-cancelled.js";
export { CANCEL_OPTIONS, cancelAfter, type CancelAfterOptions } from "./cancel-after.js";
export type { CancelResult } from "./cancel-result.js";
export {
  DISCONNECT_OPTIONS,
  disconnectAfter,
  type DisconnectAfterOptions,
  type DisconnectResult,
} from "./disconnect-after.js";
export { EXECUTE_ALL_OPTIONS, executeAll, ProgressFailedError, type ExecuteAllOptions } from "./execute-all.js";
export type { JobOutcome, JobStatus } from "./job-outcome.js";
export type { JobItem } from "./job-plan.js";
export type { JobProgress } from "./job-progress.js";
export { checkRequest, checkTarget, type JobTarget } from "./job-target.js";
export { findStreamFindings } from "./stream-findings.js";
export { progressLine } from "./progress-line.js";
export { jobTrigger, type JobTrigger } from "./trigger.js";
export { createJobRunner } from "./run-job.js";
export { IDLE_OPTIONS, waitForIdle, type WaitForIdleOptions } from "./wait-for-idle.js";
