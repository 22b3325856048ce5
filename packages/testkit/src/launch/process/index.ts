export { letPendingExitFinish } from "./let-pending-exit-finish.js";
export { listDescendants, listFamily } from "./process-family.js";
export { listPids } from "./process-status.js";
export { readCommand } from "./process-table.js";
export { validatePlatform } from "./spawn-failure.js";
export type { SpawnPlan } from "./spawn-plan.js";
export { stopProcess, type StopReport } from "./stop-process.js";
export { createMarkedEnv } from "./worker-mark.js";
export { WorkerProcess } from "./worker-process.js";
