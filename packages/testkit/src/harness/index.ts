export { findBundledWorker, WORKER_COMMAND_VARIABLE } from "./worker-command.js";
export type { HarnessOptions, MockWorkerOptions, ProgramOptions, WorkerOptions } from "./worker-options.js";
export { WorkerTestHarness } from "./worker-test-harness.js";
