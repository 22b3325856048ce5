export {
  isLlamaEngineInstalled,
  LLAMA_INSTALL_HINT,
  LLAMA_PACKAGE,
  llamaEngineEnvironment,
  llamaEngineFolder,
} from "./llama-engine.js";
export { findBundledWorker, WORKER_COMMAND_VARIABLE } from "./worker-command.js";
export {
  ATTACH_OPTIONS,
  EXIT_WAIT_OPTIONS,
  gpuDevice,
  MOCK_OPTIONS,
  modelPath,
  PAUSE_OPTIONS,
  PROGRAM_OPTIONS,
  RESTART_OPTIONS,
  WORKER_OPTIONS,
  type AttachOptions,
  type MockWorkerOptions,
  type ProgramOptions,
  type WorkerOptions,
} from "./options.js";
export type { StopReport } from "./stop-report.js";
export { WorkerTestHarness } from "./worker-test-harness.js";
export { recognizeServerAt } from "./recognize-server.js";
