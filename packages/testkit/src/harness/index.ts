export { findBundledWorker, WORKER_COMMAND_VARIABLE } from "./worker-command.js";
export {
  gpuDevice,
  modelPath,
  WORKER_OPTIONS,
  type AttachOptions,
  type ExitWaitOptions,
  type HarnessOptions,
  type MockWorkerOptions,
  type PauseOptions,
  type ProgramOptions,
  type RestartOptions,
  type StartOptions,
  type WorkerOptions,
} from "./options.js";
export { WorkerTestHarness, type StubControl } from "./worker-test-harness.js";
