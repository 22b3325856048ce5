export {
  WorkerClient,
  type ExecuteResponse,
  type ExecuteBody,
  type ExecuteOptions,
  type WorkerClientOptions,
} from "./client/index.js";
export type { Dialect, EndEvent, EventDecoder, InferenceEvent, StartedEvent, WireMessage } from "./dialects/index.js";
export {
  AssertionFailedError,
  ConnectFailedError,
  EvidenceError,
  HttpFailedError,
  InvalidOptionError,
  InvalidResponseError,
  isTestkitError,
  ModelError,
  NotRecoveredError,
  OrderError,
  ProcessDiedError,
  ReadyTimeoutError,
  SpawnFailedError,
  StopFailedError,
  StreamError,
  TestkitError,
  WrongIdentityError,
  type TestkitErrorCode,
} from "./errors/index.js";
export {
  assertEventOrder,
  assertStopReason,
  assertStreamed,
  assertSuccessfulCompletion,
  assertTokenCount,
  BrokenStreamError,
  collectSseEvents,
  collectStream,
  extractEndEvent,
  extractText,
  extractTokens,
  streamEvents,
  type CollectedStream,
  type StreamOptions,
  type StreamOutcome,
} from "./events/index.js";
export { readEvidence, replay, type EvidenceBundle, type Recording, type RecordOptions } from "./evidence/index.js";
export { createWorkerPool, type WorkerLease, type WorkerPool } from "./pool/index.js";
export { TestModel } from "./models/index.js";
export { makeTestRequest, TestConfig, TestPrompts, type TestRequestOverrides } from "./requests/index.js";
export {
  WorkerTestHarness,
  type MockWorkerOptions,
  type ProgramOptions,
  type StopReport,
  type WorkerOptions,
} from "./harness/index.js";
export {
  assertAllOk,
  assertOutcomes,
  assertCancelled,
  cancelAfter,
  disconnectAfter,
  executeAll,
  ProgressFailedError,
  progressLine,
  waitForIdle,
  type CancelAfterOptions,
  type CancelResult,
  type DisconnectAfterOptions,
  type DisconnectResult,
  type ExecuteAllOptions,
  type JobItem,
  type JobOutcome,
  type JobProgress,
  type JobStatus,
  type JobTarget,
  type JobTrigger,
} from "./jobs/index.js";
export { findFreePort } from "./launch/index.js";
export type { ErrorEvent, ExecuteRequest, Health, StopReason, TokenEvent } from "inference-worker-protocol";
export type { StubConfigInput } from "worker-orcd-control";
