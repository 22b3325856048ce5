export { findBundledWorker, WORKER_COMMAND_VARIABLE } from "./worker-command.js";
export type { RestartOptions } from "./worker-lifecycle.js";
export type {
  AttachOptions,
  HarnessOptions,
  MockWorkerOptions,
  ProgramOptions,
  StartOptions,
  WorkerOptions,
} from "./worker-options.js";
export { WorkerTestHarness, type StubControl } from "./worker-test-harness.js";
