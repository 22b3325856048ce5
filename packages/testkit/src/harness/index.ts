export {
  isLlamaEngineInstalled,
  LLAMA_INSTALL_HINT,
  LLAMA_PACKAGE,
  llamaEngineEnvironment,
  llamaEngineFolder,
} from "./llama-engine.js";
export { findBundledWorker, WORKER_COMMAND_VARIABLE } from "./worker-command.js";
export {
  gpuDevice,
  modelPath,
  WORKER_OPTIONS,
  type MockWorkerOptions,
  type ProgramOptions,
  type WorkerOptions,
} from "./options.js";
export type { StopReport } from "./stop-report.js";
export { WorkerTestHarness } from "./worker-test-harness.js";
export { recognizeServerAt } from "./recognize-server.js";
