export { cleanUpAfter } from "./clean-up-after.js";
export { explainDeath, findExit } from "./explain-death.js";
export { describeExit, type ExitInfo } from "./exit-info.js";
export { launchWorker, type LaunchContext } from "./launch-worker.js";
export { LaunchedWorker } from "./launched-worker.js";
export type { LogLine, LogStream, LogWaitOptions, WorkerLogs } from "./logs/index.js";
export { LAUNCH_OPTIONS, PROCESS_OPTIONS, type LaunchOptions, type ResolvedLaunchOptions } from "./options.js";
export type { ReadyCondition } from "./ready-condition.js";
export { createForeignOwnerError, type PortOwner } from "./ownership/index.js";
export {
  findFreePort,
  holdPort,
  tryLockFile,
  type FindFreePortOptions,
  type FreePort,
  type HeldPort,
} from "./ports/index.js";
export type { StopReport, WorkerMember } from "./process/index.js";
export type { ProbeTarget } from "./readiness/index.js";
export { resolveLaunchOptions } from "./resolve-options.js";
export { createProcessDiedError } from "./start-errors.js";
export { pause, settlesWithin } from "./wait.js";
